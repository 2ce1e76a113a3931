// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// What lies in the pages of a damaged database, found by its look and not by its trees.
///
/// Any page may be stale: SQLite leaves what it frees as it was. So a find is a claim, and more
/// finds than one may claim a sequence: a batch counts only when its payload checks and its seal
/// holds (`DamagedDatabase`), a lost range stays lost whatever else is found, and of a consumer's
/// cursors the least counts, each page as it was last: a batch is owed rather than not.
struct PageScan {
    /// A row that looks like a batch's.
    struct Find: Equatable {
        var sequence: Int64
        /// The number of its page in the file, from 1, or of its frame in the log, from 0.
        var page: UInt32
        var cell: UInt16
        var isInLog: Bool
        /// Its records, as the row says.
        var records: Int32 = 0
    }

    /// Oldest first once the scan is `finished()`; of many, only the oldest after `start`.
    private(set) var finds: [Find] = []
    /// Finds are complete up to this sequence, later ones had no room.
    private(set) var bound = Int64.max
    /// Finds up to here are not wanted.
    let start: Int64
    /// Where each consumer was, by the page that says so.
    private var consumersByPage: [UInt32: [String: Int64]] = [:]
    /// Pages that the log has, which are not as they stand in the file.
    private var pagesInLog: Set<UInt32> = []
    /// What was lost before, as ranges that neither touch nor overlap once it is finished.
    private(set) var lost: [ClosedRange<Int64>] = []
    /// The newest that had been removed by the limit or after acknowledgement, which take the oldest
    /// first: but for transitions of health that stayed (`Pressure`), all before it had gone.
    private(set) var floor: Int64 = 0
    /// Which buffer it was, if that can be told.
    private(set) var epoch: Epoch?
    private let room: Int

    /// Finds kept at once, a gigabyte of usual batches: bounds memory to some megabytes.
    static let usualRoom = 1 << 18
    /// Ranges that were lost, before they are joined.
    private static let lostRoom = 1 << 16

    init(after start: Int64, room: Int = usualRoom) {
        self.start = start
        self.room = room
    }

    /// Where each consumer was.
    var consumers: [String: Int64] {
        consumersByPage.values.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: min) }
    }

    /// Looks at one page, as `format` has it: of the file, or of a frame of the log. The log comes
    /// first, its frames in order.
    mutating func look(
        at bytes: ArraySlice<UInt8>, number: UInt32, frame: Int? = nil, _ format: PageFormat
    ) {
        let isInLog = frame != nil
        let isStale = !isInLog && pagesInLog.contains(number)
        if isInLog {
            pagesInLog.insert(number)
            consumersByPage[number] = nil
        }
        guard let kind = bytes.first else { return }
        guard
            kind == PageFormat.tableLeaf || kind == PageFormat.indexLeaf
                || kind == PageFormat.indexInner
        else { return }
        let page = PageBytes(bytes)
        let count = min(page.number(at: 3, size: 2) ?? 0, bytes.count / 2)
        for index in 0..<count {
            guard let cell = format.cell(index, of: page),
                let local = page.slice(cell.place, cell.local),
                let types = StoredRecord.types(of: local, size: cell.size)?.types
            else { continue }
            if kind != PageFormat.tableLeaf {
                if cell.local == cell.size, !isStale { takeConsumer(local, on: number) }
            } else if Self.isBatch(types) {
                take(
                    Find(
                        sequence: cell.rowid, page: frame.map(UInt32.init) ?? number,
                        cell: UInt16(index), isInLog: isInLog,
                        records: Self.records(in: local)))
            } else if cell.local == cell.size {
                takeOther(local, rowid: cell.rowid)
            }
        }
    }

    /// Puts everything in order, when all pages have been looked at.
    mutating func finish() {
        cut(to: room)
        joinLost()
    }

    /// What every consumer had acknowledged, if exactly those of the digest `readers` were found;
    /// `nil` without consumers. One that is missing may have acknowledged nothing.
    func acknowledged(by readers: UInt32?) -> Int64? {
        guard readers == ConsumerRow.digest(of: consumers.keys) else { return nil }
        return consumers.values.min()
    }

    /// Whether the stream has told of this sequence as lost.
    func isLost(_ sequence: Int64) -> Bool {
        let after = lost.partitioningIndex { $0.lowerBound > sequence }
        return after > 0 && lost[after - 1].contains(sequence)
    }
}

// MARK: Rows

extension PageScan {
    /// The columns of `batch`, of which the last may be NULL, or not be there, as in schema 1.
    static func isBatch(_ types: [Int64]) -> Bool {
        (11...maxColumns).contains(types.count) && types[0] == 0
            && types[1...9].allSatisfy(StoredRecord.isInteger)
            && types[10] >= 12 && types[10] % 2 == 0
            && types[11...].allSatisfy { $0 == 0 || StoredRecord.isInteger($0) }
    }

    private static let maxColumns = 14

    private mutating func take(_ find: Find) {
        guard find.sequence > start, find.sequence <= bound else { return }
        finds.append(find)
        if finds.count == 2 * room { cut(to: room) }
    }

    /// Keeps the oldest, and whole sequences only.
    private mutating func cut(to count: Int) {
        finds.sort { ($0.sequence, $0.isInLog ? 0 : 1) < ($1.sequence, $1.isInLog ? 0 : 1) }
        guard finds.count > count else { return }
        // One sequence that fills everything is no buffer's: then some of its claims must do.
        let first = finds[count].sequence
        let whole = finds.partitioningIndex { $0.sequence >= first }
        bound = whole > 0 ? first - 1 : first
        finds.removeSubrange((whole > 0 ? whole : count)...)
    }

    /// What a batch's row says, of which the beginning is enough.
    private static func records(in record: ArraySlice<UInt8>) -> Int32 {
        StoredRecord.integer(4, of: record).flatMap(Int32.init(exactly:)).map { max(0, $0) } ?? 0
    }

    private mutating func takeConsumer(_ record: ArraySlice<UInt8>, on page: UInt32) {
        // In schema 1, whose rows they all are nobody knows.
        guard let row = StoredRecord(record).flatMap({ ConsumerRow($0) }),
            consumersByPage.count < Consumer.maxCount || consumersByPage[page] != nil
        else { return }
        let known = consumersByPage[page]?[row.name] ?? row.sequence
        consumersByPage[page, default: [:]][row.name] = min(known, row.sequence)
    }

    private mutating func takeOther(_ record: ArraySlice<UInt8>, rowid: Int64) {
        guard let row = StoredRecord(record) else { return }
        if row.columns.count == 1, let text = row.text(0), let epoch = Epoch(text) {
            self.epoch = epoch
        }
        guard let gone = LostRow(row, rowid: rowid) else { return }
        lost.append(gone.from...gone.to)
        if lost.count == Self.lostRoom { joinLost() }
        if gone.reason != .corruption, gone.reason != .notStored { floor = max(floor, gone.to) }
    }

    private mutating func joinLost() {
        lost.sort { $0.lowerBound < $1.lowerBound }
        var joined: [ClosedRange<Int64>] = []
        for range in lost {
            if let last = joined.last, range.lowerBound - 1 <= last.upperBound {
                joined[joined.count - 1] =
                    last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
        lost = joined
    }
}

extension RandomAccessCollection {
    /// The first index whose element, and all after it, satisfy `isAfter`.
    func partitioningIndex(where isAfter: (Element) -> Bool) -> Index {
        var low = startIndex
        var count = self.count
        while count > 0 {
            let half = count / 2
            let middle = index(low, offsetBy: half)
            if isAfter(self[middle]) {
                count = half
            } else {
                low = index(after: middle)
                count -= half + 1
            }
        }
        return low
    }
}
