// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

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
    /// A log of another epoch lay beside the database, which is whole without it.
    case logForeign(Epoch)
    /// The database was moved, removed or replaced while it was open; the buffer goes on with what
    /// lies there now.
    case moved
    /// The newest batches had vanished from the database.
    case tailLost(LostRange)
    /// The database of an epoch was damaged, gone or exchanged; the stream goes on in another.
    case replaced(EndedEpoch, by: Epoch)
    /// A database in which nothing could be read, and of which no mark tells, was moved there: whose
    /// it was, and what it held, nobody knows.
    case unrecognised(path: String)
    /// A stored batch did not check; the stream says so.
    case batchDamaged(LostRange)
    /// What the database says of a stored batch did not agree with the batch, which is whole; it
    /// does again.
    case rowMended(Cursor)
    /// What a damaged database in quarantine still held has been brought back.
    case salvaged(SalvageReport)
    /// A consumer's place did not check; it goes on at the oldest place there is.
    case consumerDamaged(name: String, Cursor)
    /// The log has lost something of who reads: of these nobody knows whether they had come further;
    /// unless it is complete, others are missing, or are there that had been removed.
    case consumersInDoubt([String], isComplete: Bool)
    /// The disk had failed (SQLite's result code); the database was opened anew and is sound.
    case reopened(code: Int32)
    /// The disk has less room than the limit allows: the database is a ring of so many bytes.
    case diskPresses(quota: Int, limit: Int)
    /// The disk has room for all of the limit again.
    case diskRelieved(limit: Int)

    /// Whether records were or may have been lost.
    package var isLoss: Bool {
        switch self {
        case .tailLost, .replaced, .unrecognised, .moved, .logDamaged, .batchDamaged: true
        case .salvaged(let report): report.lost > 0
        case .migrated, .markMade, .markNotWritten, .logForeign, .rowMended, .consumerDamaged,
            .consumersInDoubt, .reopened, .diskPresses, .diskRelieved:
            false
        }
    }

    /// Records that it has cost, as far as they are known and not salvaged.
    package var records: Int? {
        switch self {
        case .tailLost(let range), .batchDamaged(let range): range.records
        case .salvaged(let report): report.lost
        case .replaced(let epoch, _): Int(epoch.owed)
        case .migrated, .markMade, .markNotWritten, .moved, .logDamaged, .logForeign, .rowMended,
            .consumerDamaged, .consumersInDoubt, .unrecognised, .reopened, .diskPresses,
            .diskRelieved:
            nil
        }
    }

    /// What it is called in logs and answers.
    package var id: String {
        switch self {
        case .migrated: "buffer-migrated"
        case .markMade: "buffer-mark-made"
        case .markNotWritten: "buffer-mark-not-written"
        case .logDamaged: "buffer-log-damaged"
        case .logForeign: "buffer-log-foreign"
        case .moved: "buffer-moved"
        case .tailLost: "buffer-tail-lost"
        case .replaced: "buffer-replaced"
        case .unrecognised: "buffer-unrecognised"
        case .batchDamaged: "buffer-batch-damaged"
        case .rowMended: "buffer-row-mended"
        case .salvaged: "buffer-salvaged"
        case .consumerDamaged: "buffer-consumer-damaged"
        case .consumersInDoubt: "buffer-consumers-in-doubt"
        case .reopened: "buffer-reopened"
        case .diskPresses: "disk-short"
        case .diskRelieved: "disk-recovered"
        }
    }
}

/// The last things that happened to a buffer since it was opened, for whoever asks later.
final class Incidents: Sendable {
    private let events = Mutex<[BufferEvent]>([])
    /// Enough to see what came together; a buffer that breaks daily is in the log.
    private static let most = 16

    var all: [BufferEvent] { events.withLock(\.self) }

    func add(_ event: BufferEvent) {
        events.withLock { $0 = ($0 + [event]).suffix(Self.most) }
    }
}
