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
    /// A full disk is none of this: whoever asks for room sees to it (`Room`).
    func steadily<Result>(
        _ body: () throws(BufferError) -> Result
    ) throws(BufferError) -> Result {
        var failures = 0
        while true {
            do throws(BufferError) {
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
                if error.isDatabaseDamage, failures > 1 { try replace(reached.epoch) }
            }
        }
    }

    /// Failures in one operation, before it is given up. The next one begins with opening.
    private static let patience = 2

    private func open() throws(BufferError) {
        var opening = Opening(directory, mark)
        try take(try opening.reopen(), opening.events)
    }

    /// Goes on in a new epoch, if it is still this one: a reader has found what the writer need not
    /// see.
    func replace(_ epoch: Epoch) throws(BufferError) {
        guard reached.epoch == epoch else { return }
        held?.database.leaveLog()
        held = nil
        var opening = Opening(directory, mark)
        try take(try opening.replace(for: consumers), opening.events)
        failure = nil
    }
}
