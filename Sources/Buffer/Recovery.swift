// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

// What the writer does when the disk fails, or its database is damaged, while it runs.

extension Store {
    /// Does `body`, which can be begun anew: after a failure of the disk, or when the database turns
    /// out to be damaged, the database is opened again first, and held against the mark. What is
    /// damaged even then goes into quarantine, and `body` is done in a new epoch.
    ///
    /// A failed fsync is never tried again: the kernel has dropped what it could not write, and would
    /// say yes. To open anew writes the log once more (`BufferDirectory.renewLog`), and works it off.
    ///
    /// The database may also have been moved, removed or replaced by somebody: what is written into
    /// it would be found by nobody, so that what lies in its place is opened instead.
    ///
    /// A full disk is none of this: whoever asks for room sees to it (`Room`).
    func steadily<Result>(
        _ body: () throws(BufferError) -> Result
    ) throws(BufferError) -> Result {
        var failures = 0
        while true {
            do throws(BufferError) {
                if held != nil, isMoved { letGo() }
                if held == nil { try open() }
                if let code = failure { tell(.reopened(code: code)) }
                failure = nil
                return try body()
            } catch {
                guard error.isDiskFailure || error.isDatabaseDamage else { throw error }
                failures += 1
                if case .storage(let code, _) = error, error.isDiskFailure { failure = code }
                held?.database.leaveLog()
                held = nil
                guard failures <= Self.patience else { throw error }
                guard error.isDatabaseDamage else { continue }
                // What failed while nothing could be read proves nothing.
                if directory.isOutOfReach { throw error }
                if failures > 1 { try replace(reached.epoch) }
            }
        }
    }

    /// Failures in one operation, before it is given up. The next one begins with opening.
    private static let patience = 2

    private func open() throws(BufferError) {
        try directory.create()
        if lock == nil { lock = try directory.lock() }
        var opening = Opening(directory, mark, for: consumers)
        try take(try opening.reopen(), opening.events)
    }

    /// Whether the name of the database is another file's by now, or nobody's: a stat(2), a
    /// microsecond.
    var isMoved: Bool { directory.databaseFile != file }

    /// Leaves a database that was moved away as it is, and its directory's lock and mark with it.
    private func letGo() {
        tell(.moved)
        held?.database.leaveLog()
        held = nil
        lock = nil
        mark.letGo()
    }

    /// Goes on in a new epoch, if it is still this one: a reader has found what the writer need not
    /// see.
    func replace(_ epoch: Epoch) throws(BufferError) {
        guard reached.epoch == epoch else { return }
        if held != nil, isMoved { return try steadily { () throws(BufferError) in } }
        held?.database.leaveLog()
        held = nil
        var opening = Opening(directory, mark, for: consumers)
        try take(try opening.replace(), opening.events)
        failure = nil
    }
}
