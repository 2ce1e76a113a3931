// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CSQLite

/// Has a connection give up in the middle of what it does.
///
/// The count is in memory of its own, which SQLite is given an address of; it outlives the connection
/// that holds on to it, as a `Database` closes before it lets go of this.
final class Interruption {
    private let countdown = UnsafeMutablePointer<Int>.allocate(capacity: 1)

    init() { countdown.initialize(to: 0) }

    deinit { countdown.deallocate() }

    /// Whether it is still to strike.
    var isPending: Bool { countdown.pointee > 0 }

    /// Strikes once, after so many instructions of SQLite's (sqlite.org/c3ref/progress_handler.html);
    /// 0 calls it off. Whether the one before was still to come.
    func strike(after steps: Int, on connection: OpaquePointer) -> Bool {
        let wasPending = isPending
        countdown.pointee = steps
        sqlite3_progress_handler(
            connection, steps == 0 ? 0 : 1,
            { context in
                guard let left = context?.assumingMemoryBound(to: Int.self) else { return 0 }
                left.pointee -= 1
                return left.pointee == 0 ? 1 : 0
            }, countdown)
        return wasPending
    }
}
