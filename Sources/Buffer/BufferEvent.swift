// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What happened to the buffer itself, at open or while it runs: facts, worded by whoever tells.
package enum BufferEvent: Hashable, Sendable {
    /// It was written by an older Millpond, and is of the present schema now.
    case migrated(from: Int)
    /// The high-water mark was missing or damaged and was made anew: what the database had lost
    /// before, nobody could tell.
    case markMade
    /// The high-water mark cannot be written; the errno. Batches are on disk all the same.
    case markNotWritten(errno: Int32)
    /// The log was damaged, and not by a power cut: this many commits after the damage would have
    /// been dropped without a word.
    case logDamaged(commits: Int)
    /// The damaged bit of the log was found by its checksum and put right: nothing is missing.
    case logRepaired
    /// The newest batches had vanished from the database.
    case tailLost(LostRange)
    /// The database of an epoch was damaged, gone or exchanged; the stream goes on in another.
    case replaced(EndedEpoch, by: Epoch)
    /// A stored batch did not check; the stream says so.
    case batchDamaged(LostRange)
    /// The disk had failed (SQLite's result code); the database was opened anew and is sound.
    case reopened(code: Int32)

    /// Whether records were or may have been lost.
    package var isLoss: Bool {
        switch self {
        case .tailLost, .replaced, .logDamaged, .batchDamaged: true
        case .migrated, .markMade, .markNotWritten, .logRepaired, .reopened: false
        }
    }
}
