// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Logging
internal import ServiceLifecycle

/// Says in the log when the buffer's limit begins to take what nobody has read, and hourly while it
/// goes on; the stream itself says which. What is lost otherwise is told when it happens.
struct LossService: Service {
    let buffer: BatchBuffer
    let logger: Logger

    private static let interval = Duration.seconds(10)
    private static let reminder = Duration.seconds(3_600)

    func run() async throws {
        // Being cancelled is how this ends: there is nothing to undo.
        try? await cancelWhenGracefulShutdown { try await watch() }
    }

    private func watch() async throws {
        var known = try await buffer.state().lostToLimit
        var told: ContinuousClock.Instant?
        while true {
            try await Task.sleep(for: Self.interval)
            let state = try await buffer.state()
            guard state.lostToLimit > known else { continue }
            if told.map({ .now - $0 >= Self.reminder }) ?? true {
                told = .now
                logger.error(
                    """
                    the buffer is at its limit of \(Wording.bytes(state.limit)): the oldest \
                    \(Wording.count(state.lostToLimit - known, "record")) are lost and more will \
                    be; the stream says which: raise `buffer: limit`, or let consumers read sooner
                    """,
                    metadata: ["event": "lost", "reason": "buffer-limit"])
                known = state.lostToLimit
            }
        }
    }
}
