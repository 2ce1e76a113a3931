// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment
internal import Glibc

/// A buffer's directory read from outside, whether a daemon has it or not. Nothing is written.
///
/// For one thread; it may block.
package final class OfflineBuffer {
    /// The epoch of its stream.
    package let epoch: Epoch
    let reader: Reader
    /// What the directory's mark said before the database was opened; `nil` if it says nothing.
    let mark: Mark?
    /// Whether a process had the buffer when it was opened.
    let isLive: Bool
    private let copy: TemporaryCopy?

    /// Opens the database in `directory` where it is, unless a log was left behind by a crash:
    /// reading that would write beside it, so the files are copied to the temporary directory.
    package init(directory path: String) throws(BufferError) {
        let directory = BufferDirectory(path: path)
        try directory.checkFiles()
        // A daemon writes it after the database, so that it is never ahead of what is read later.
        let file = try MarkFile(directory)
        mark = file.mark
        try directory.checkReadable(file)
        isLive = directory.isLocked
        let isAlone = BufferDirectory.size(of: directory.log) == 0
        copy = isLive || isAlone ? nil : try TemporaryCopy(of: directory)
        do throws(BufferError) {
            let database = try Database(
                path: copy?.directory.database ?? directory.database,
                mode: isLive || !isAlone ? .read : .readFileAlone)
            reader = Reader(stream: try Stream(database: database))
        } catch {
            throw directory.meaning(of: error, file)
        }
        epoch = reader.stream.epoch
    }

    /// Whether a process holds the buffer in `directory`; asking does not get into its way. False
    /// too where we may not look.
    package static func isHeld(directory: String) -> Bool {
        BufferDirectory(path: directory).isLocked
    }

    /// What is known of a stored batch without opening it.
    package struct Listed: Hashable, Sendable {
        /// Its place in the stream.
        package var cursor: Cursor
        /// When it was sealed.
        package var sealed: Timestamp
        /// The earliest time of its records.
        package var first: Timestamp
        /// The latest time of its records.
        package var last: Timestamp
        /// Without summaries.
        package var records: Int
        /// How many of its records are readings.
        package var readings: Int
        /// Bytes as stored.
        package var bytes: Int
    }

    /// Visits all batches, oldest first, until `visit` returns false. It may take its time: nothing
    /// is held meanwhile.
    package func list(visit: (Listed) throws -> Bool) throws {
        var last: Int64 = 0
        while true {
            var rows: [Stream.Row] = []
            try reader.stream.batches(after: last, limit: Self.rowsListed) { row in
                rows.append(row)
                return true
            }
            for row in rows { guard try visit(row.listed(epoch)) else { return } }
            guard let newest = rows.last else { return }
            last = newest.sequence
        }
    }

    /// Rows without their batches that are in memory at once.
    private static let rowsListed = 256

    /// One batch; `nil` if it is not there, or damaged.
    package func batch(at cursor: Cursor) throws(BufferError) -> Batch? {
        try reader.batch(at: cursor)
    }

    /// Whether there is a batch at a place, be it damaged.
    package func isThere(_ cursor: Cursor) throws(BufferError) -> Bool {
        guard cursor.epoch == epoch else { return false }
        return try reader.stream.batch(cursor.sequence) != nil
    }

    /// Which part of the stream.
    package struct Selection: Hashable, Sendable {
        /// Where it begins.
        package var after: Position
        /// The last sequence, `nil` for the newest.
        package var through: Int64?
        /// Only batches with a record in this time; such a batch comes whole.
        package var times: ClosedRange<Timestamp>?

        /// All that follows `after`, unless it is restricted further.
        package init(
            after: Position = .earliest, through: Int64? = nil,
            times: ClosedRange<Timestamp>? = nil
        ) {
            self.after = after
            self.through = through
            self.times = times
        }
    }

    /// Visits batches, and what is lost between them, in the order of the stream.
    package func items(in selection: Selection, visit: (Page.Item) throws -> Void) throws {
        let through = try selection.through ?? reader.stream.newest()
        var position = selection.after
        while true {
            let page = try reader.page(after: position, limit: Self.step, maxBytes: .max)
            for item in page.items {
                guard item.start <= through else { return }
                if isSelected(item, by: selection) { try visit(item) }
            }
            guard page.more else { return }
            position = .after(page.next)
        }
    }

    /// Why an epoch before this one is over, as far as that is known.
    package func ending(of epoch: Epoch) throws(BufferError) -> EndedEpoch.Reason {
        try reader.stream.ended().first { $0.epoch == epoch }?.reason ?? .replaced
    }

    /// The cursor after which a position begins.
    package func place(of position: Position) throws(BufferError) -> Cursor {
        let stream = reader.stream
        return stream.cursor(
            try stream.database.snapshot { () throws(BufferError) in
                try stream.resolve(position)
            })
    }

    /// The buffer as it stands in the files; the limit is the daemon's and not known here.
    package func state() throws(BufferError) -> BufferState {
        try reader.stream.state(Quota(limit: 0))
    }

    /// Batches that are in memory at once.
    private static let step = 16

    private func isSelected(_ item: Page.Item, by selection: Selection) -> Bool {
        guard let times = selection.times else { return true }
        switch item {
        case .lost(let range):
            return range.first <= times.upperBound && range.last >= times.lowerBound
        case .epoch: return true
        case .batch(let batch):
            let facts = batch.facts
            return facts.first <= times.upperBound && facts.last >= times.lowerBound
        }
    }
}

extension Page.Item {
    fileprivate var start: Int64 {
        switch self {
        case .lost(let range): range.from.sequence
        case .epoch: 0
        case .batch(let batch): batch.head.cursor.sequence
        }
    }
}

extension Stream.Row {
    fileprivate func listed(_ epoch: Epoch) -> OfflineBuffer.Listed {
        OfflineBuffer.Listed(
            cursor: Cursor(epoch: epoch, sequence: sequence), sealed: sealed, first: first,
            last: last, records: records, readings: readings, bytes: bytes)
    }
}
