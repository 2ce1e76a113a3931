// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import NIOCore
internal import ServiceLifecycle

/// Waits for the buffer to grow, on behalf of one client.
struct LongPoll: Sendable {
    let buffer: BatchBuffer
    let channel: any Channel

    /// Returns when there is something beyond `sequence`, when the time is over, when the client
    /// has gone, or when the server stops: whichever comes first.
    func wait(beyond sequence: Int64, for time: Duration) async {
        let departure = Connection.departure(on: channel)
        await withTaskGroup(of: Void.self) { group in
            // Each of these throws only when it is cancelled, and then another has ended the wait.
            group.addTask { try? await buffer.grows(beyond: sequence) }
            group.addTask { try? await Task.sleep(for: time) }
            group.addTask { try? await gracefulShutdown() }
            group.addTask { for await _ in departure {} }
            await group.next()
            group.cancelAll()
        }
    }
}
