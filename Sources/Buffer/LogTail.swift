// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// What a log with rot in it holds of batches, also behind the frame where SQLite stops.
///
/// One bad frame costs SQLite every commit after it, and the batches of those are whole: each counts
/// when its checksum and its seal hold, and it is of this epoch. They come back under their own
/// sequences, which is safe: none above the newest that SQLite sees was given to anything else, or
/// the mark would say so. What the tail did beside sealing is not repeated: a removal is made again,
/// and a consumer whose cursor goes back reads a batch twice.
struct LogTail {
    /// Oldest first, one of each sequence.
    private(set) var batches: [Entry] = []

    struct Entry {
        var row: Stream.Row
        var payload: [UInt8]
    }

    /// Nothing.
    init() {}

    /// Looks at the files, before SQLite opens them and begins the log anew.
    init(_ directory: BufferDirectory) {
        guard
            let damaged = DamagedDatabase(database: directory.database, log: directory.log)
        else { return }
        var scan = PageScan(after: 0)
        damaged.lookAtLog(from: damaged.frames.believed, into: &scan)
        scan.finish()
        for find in scan.finds where find.sequence > batches.last?.row.sequence ?? 0 {
            guard !scan.isLost(find.sequence), let sound = damaged.batch(find, of: nil) else {
                continue
            }
            batches.append(Entry(row: sound.row, payload: sound.payload))
        }
    }

    /// What the mark will have said, as far as the tail tells, where there is none any more.
    func mark(after holding: Holding) throws(BufferError) -> Mark {
        let tally = try holding.stream.tally() ?? Tally()
        let last = batches.last { $0.row.sequence > holding.newest }?.row
        let records = last.map { max(0, $0.totalRecords - holding.totals.records) } ?? 0
        return Mark(
            epoch: holding.stream.epoch, newest: max(holding.newest, last?.sequence ?? 0),
            tally: Tally(produced: tally.produced + records, kept: 0), owed: 0,
            sealed: last?.sealed ?? holding.sealed, readers: holding.readers)
    }
}

extension Holding {
    /// Brings back of the tail what the mark knows and the database has lost, and tells of the rest
    /// up to the mark as lost, with the records that came in it.
    mutating func regain(_ tail: LogTail, before mark: Mark) throws(BufferError) -> [LostRange] {
        guard mark.epoch == stream.epoch, newest < mark.newest else { return [] }
        let before = try stream.tally() ?? Tally()
        // Its newest rows are gone, and what counts them is not: that was no log.
        guard before != mark.tally || before.kept == 0 else { throw .unreadable("newest rows") }
        let produced = max(0, mark.tally.produced - before.produced)
        var next = self
        var gaps: [LostRow] = []
        try database.transaction { () throws(BufferError) in
            var owed = Int(produced)
            for entry in tail.batches where entry.row.sequence <= mark.newest {
                try next.regain(entry, &owed, &gaps)
            }
            next.skip(to: mark, owed, &gaps)
            for gap in gaps { try database.insert(gap) }
            try database.run("UPDATE tally SET produced = produced + ?", .integer(produced))
        }
        next.tombstones += gaps.count
        self = next
        return gaps.map { $0.range(stream.epoch) }
    }

    /// One batch, and what is missing before it; `owed` is what is not accounted for yet.
    private mutating func regain(
        _ entry: LogTail.Entry, _ owed: inout Int, _ gaps: inout [LostRow]
    ) throws(BufferError) {
        let sequence = entry.row.sequence
        guard sequence > newest, let (head, columns) = try? BatchCodec.decode(entry.payload),
            head.cursor == stream.cursor(sequence), columns.producedCount <= owed
        else { return }
        let sealing = try Sealing(columns, head: head)
        owed -= sealing.produced
        if sequence > newest + 1 {
            let missing = entry.row.totalRecords - Int64(sealing.produced) - totals.records
            let records = max(0, min(Int(clamping: missing), owed))
            gaps.append(
                LostRow(
                    from: newest + 1, to: sequence - 1, records: records,
                    first: lastKnown(before: head.sealed), last: head.sealed, reason: .corruption))
            owed -= records
            totals.records += Int64(records)
        }
        var time = time
        if let now = head.monotonic?.upperBound { time.advance(to: now, of: head.boot) }
        try database.insert(sealing, after: totals, at: time.elapsed)
        add(sealing, at: time)
    }

    /// What is missing up to the mark, with all that is still owed.
    private mutating func skip(to mark: Mark, _ owed: Int, _ gaps: inout [LostRow]) {
        if newest < mark.newest {
            gaps.append(
                LostRow(
                    from: newest + 1, to: mark.newest, records: owed,
                    first: lastKnown(before: mark.sealed), last: mark.sealed, reason: .corruption))
            newest = mark.newest
        } else if let last = gaps.indices.last {
            gaps[last].records += owed
        }
    }

    /// When the newest batch was sealed that is still there; where there is none, `time`, as nothing
    /// is known of anything earlier.
    private func lastKnown(before time: Timestamp) -> Timestamp {
        sealed.milliseconds > 0 ? min(sealed, time) : time
    }
}
