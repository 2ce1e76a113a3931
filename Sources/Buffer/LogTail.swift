// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// What a log says behind the frame where SQLite stops, commit by commit.
///
/// One bad frame costs SQLite every commit after it, and most of what those did is whole: a batch
/// counts when its checksum and its seal hold, a consumer when its digest does (`TailConsumers`).
/// Batches come back under their own sequences, which is safe: none above the newest that SQLite
/// sees was given to anything else, or the mark would say so. `Regaining` puts it back.
struct LogTail {
    /// Oldest first, one of each sequence, whatever became of it later in the tail.
    private(set) var batches: [Entry] = []
    /// What the stream had told as lost without ever having it, oldest first.
    private(set) var told: [LostRow] = []
    private(set) var consumers = TailConsumers()
    /// Whether it has rotted, and is not what a power cut leaves of a commit that nobody was told of.
    private(set) var isRotten = false

    struct Entry {
        var head: BatchHead
        var payload: [UInt8]
        /// Records that the plant produced.
        var produced: Int
        /// As its row has it, which may have rotted.
        var totalRecords: Int64

        /// Records that came with it: of one that was condensed, all came before.
        var came: Int { head.condensed == nil ? produced : 0 }
    }

    /// Nothing.
    init() {}

    /// Looks at the files, before SQLite opens them and begins the log anew.
    init(_ directory: BufferDirectory, isRotten: Bool) {
        guard
            let damaged = DamagedDatabase(database: directory.database, log: directory.log)
        else { return }
        self.isRotten = isRotten
        let frames = damaged.frames.frames
        // Of a page, what the commits up to here made of it: a later one may need its room.
        var view: [UInt32: Int] = [:]
        for frame in frames[..<damaged.frames.believed] { view[frame.page] = frame.offset }
        var first = damaged.frames.believed
        var found: [Int64: Entry] = [:]
        while first < frames.count {
            let last = frames[first...].firstIndex(where: \.isCommit) ?? frames.count - 1
            for frame in frames[first...last] {
                consumers.look(at: frame, of: damaged, before: view)
                view[frame.page] = frame.offset
            }
            take(damaged, first..<last + 1, view, &found)
            first = last + 1
        }
        batches = found.values.sorted { $0.head.cursor.sequence < $1.head.cursor.sequence }
        told.sort { $0.from < $1.from }
    }

    /// One commit.
    private mutating func take(
        _ damaged: DamagedDatabase, _ commit: Range<Int>, _ view: [UInt32: Int],
        _ found: inout [Int64: Entry]
    ) {
        var scan = PageScan(after: 0)
        damaged.lookAtLog(commit, into: &scan)
        for find in scan.finds where found[find.sequence] == nil {
            guard
                let sound = damaged.batch(find, of: nil, in: view) ?? damaged.batch(find, of: nil)
            else { continue }
            found[find.sequence] = Entry(
                head: sound.batch.head, payload: sound.payload,
                produced: sound.batch.columns.producedCount, totalRecords: sound.row.totalRecords)
        }
        for row in damaged.told(in: commit) where !told.contains(where: { $0.from == row.from }) {
            told.append(row)
        }
    }

    /// What the mark will have said, as far as the tail tells, where there is none any more.
    func mark(after holding: Holding) throws(BufferError) -> Mark {
        let tally = try holding.stream.tally() ?? Tally()
        let new = batches.filter { $0.head.cursor.sequence > holding.newest }
        // The sums of rows count what was condensed once more.
        let again = new.reduce(0) { $0 + Int64($1.produced - $1.came) }
        let records = new.last.map { max(0, $0.totalRecords - holding.totals.records - again) }
        let came = new.reduce(0) { $0 + Int64($1.came) }
        return Mark(
            epoch: holding.stream.epoch,
            newest: max(holding.newest, new.last?.head.cursor.sequence ?? 0),
            tally: Tally(produced: tally.produced + max(records ?? 0, came), kept: 0), owed: 0,
            sealed: new.last?.head.sealed ?? holding.sealed, readers: holding.readers)
    }
}

extension DamagedDatabase {
    /// What frames of the log that check say of sequences that were losses from the beginning.
    fileprivate func told(in commit: Range<Int>) -> [LostRow] {
        commit.filter { frames.frames[$0].checks }.flatMap { index in
            format.rows(of: PageFormat.tableLeaf, on: page(of: frames.frames[index]))
                .compactMap { LostRow($0.record, rowid: $0.rowid) }
        }.filter { $0.reason == .notStored }
    }

    /// What a frame of the log holds.
    func page(of frame: LogFrames.Frame) -> PageBytes {
        PageBytes(Self.read(log, at: frame.offset, format.pageSize)[...])
    }
}
