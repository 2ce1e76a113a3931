// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// Brings a database that has lost its newest commits back to what the mark says, with what the tail
/// of its log still holds of them: the rest is lost, and all that came is kept or told.
///
/// | of the tail | then |
/// |---|---|
/// | a batch | is back under its sequence |
/// | one that was condensed | is back, and those that it stands for go, as they had gone; where that
///   does not add up they stay, and it is left out: no record is in two batches |
/// | a removal otherwise | is not repeated: it is made again |
/// | a loss that was told | is told again |
/// | nothing of a sequence | it is lost, `corruption`: what came in the tail and is not there |
/// | a consumer | stands where the newest sound page has it |
///
/// For use within one transaction.
struct Regaining {
    private(set) var next: Holding
    private(set) var gaps: [LostRow] = []
    private let tail: LogTail
    private let mark: Mark
    /// Records that came in the tail, and are in no batch of it.
    private var missing: Int
    private let told: [LostRow]

    init(_ tail: LogTail, before mark: Mark, into holding: Holding) throws(BufferError) {
        let before = try holding.stream.tally() ?? Tally()
        // Its newest rows are gone, and what counts them is not: that was no log.
        guard before != mark.tally || before.kept == 0 else { throw .unreadable("newest rows") }
        self.tail = tail
        self.mark = mark
        next = holding
        let epoch = holding.stream.epoch
        let range = holding.newest..<mark.newest
        told = tail.told.filter { range.contains($0.from - 1) && $0.to <= mark.newest }
        let came = tail.batches.reduce(0) { sum, entry in
            let cursor = entry.head.cursor
            return sum
                + (range.contains(cursor.sequence - 1) && cursor.epoch == epoch ? entry.came : 0)
        }
        let produced = Int(max(0, mark.tally.produced - before.produced))
        missing = produced - came - told.reduce(0) { $0 + $1.records }
        // More than came is no tail of this database.
        guard missing >= 0 else { throw .unreadable("tail") }
        try next.database.run(
            "UPDATE tally SET produced = produced + ?", .integer(Int64(produced)))
    }

    mutating func run() throws(BufferError) {
        for entry in tail.batches where entry.head.cursor.epoch == next.stream.epoch {
            let sequence = entry.head.cursor.sequence
            guard sequence > next.newest, sequence <= mark.newest else { continue }
            let records = entry.totalRecords - Int64(entry.produced) - next.totals.records
            pass(to: sequence - 1, records: Int(clamping: records), until: entry.head.sealed)
            if try condense(entry) { try insert(entry) } else { leaveOut(entry) }
        }
        pass(to: mark.newest, records: missing, until: mark.sealed)
        guard missing == 0 || !gaps.isEmpty else { throw .unreadable("tail") }
        if let last = gaps.lastIndex(where: { $0.reason == .corruption }) ?? gaps.indices.last {
            gaps[last].records += missing
        }
        for gap in gaps { try next.database.insert(gap) }
        next.tombstones += gaps.count
    }

    private mutating func insert(_ entry: LogTail.Entry) throws(BufferError) {
        guard let (head, columns) = try? BatchCodec.decode(entry.payload) else {
            throw .unreadable("tail")
        }
        let sealing = try Sealing(columns, head: head)
        var time = next.time
        if head.salvaged == nil, let now = head.monotonic?.upperBound {
            time.advance(to: now, of: head.boot)
        }
        try next.database.insert(sealing, after: next.totals, at: time.elapsed)
        next.add(sealing, at: time)
    }
}

// MARK: What is missing

extension Regaining {
    /// No batch is there up to `end`: some was told as lost, and of the rest so many `records` are, if
    /// as many are missing.
    private mutating func pass(to end: Int64, records: Int, until time: Timestamp) {
        var records = records
        for row in told where row.from > next.newest && row.to <= end {
            lose(to: row.from - 1, &records, until: time)
            gaps.append(row)
            next.newest = row.to
        }
        lose(to: end, &records, until: time)
    }

    private mutating func lose(to end: Int64, _ records: inout Int, until time: Timestamp) {
        guard end > next.newest else { return }
        let taken = take(records)
        records -= taken
        // When the newest was sealed that is still there; else nothing is known of anything earlier.
        let first = next.sealed.milliseconds > 0 ? min(next.sealed, time) : time
        gaps.append(
            LostRow(
                from: next.newest + 1, to: end, records: taken, first: first, last: time,
                reason: .corruption))
        next.totals.records += Int64(taken)
        next.newest = end
    }

    private mutating func take(_ records: Int) -> Int {
        let taken = max(0, min(records, missing))
        missing -= taken
        return taken
    }

    private mutating func leaveOut(_ entry: LogTail.Entry) {
        let sequence = entry.head.cursor.sequence
        gaps.append(
            LostRow(
                from: sequence, to: sequence, records: 0, first: entry.head.sealed,
                last: entry.head.sealed, reason: .corruption))
        next.newest = sequence
        next.totals.records += Int64(entry.produced)
    }
}

// MARK: What was condensed

extension Regaining {
    /// Takes away what a batch stands for, if it was condensed: condensed once more they tell what of
    /// each is lost. Some of them may be missing: what it has of those is not. `false` where it does
    /// not add up.
    private mutating func condense(_ entry: LogTail.Entry) throws(BufferError) -> Bool {
        guard let range = entry.head.condensed else { return true }
        let condensing = try originals(of: entry, in: range)
        let carried = condensing.parts.reduce(0) { $0 + $1.row.records - $1.lost }
        var others = entry.produced - carried
        let places = gaps.indices.filter {
            gaps[$0].reason == .corruption && range.overlaps(gaps[$0].from...gaps[$0].to)
        }
        guard others >= 0, others <= places.reduce(0, { $0 + gaps[$1].records }) else {
            return false
        }
        for place in places {
            let found = min(others, gaps[place].records)
            gaps[place].records -= found
            others -= found
        }
        for part in condensing.parts {
            try next.database.run("DELETE FROM batch WHERE seq = ?", .integer(part.row.sequence))
            try next.database.insert(part.lostRow)
        }
        next.tombstones += condensing.parts.count
        return true
    }

    private func originals(
        of entry: LogTail.Entry, in range: ClosedRange<Int64>
    ) throws(BufferError) -> Condensing {
        let stream = next.stream
        var rows: [Stream.Row] = []
        try stream.batches(after: range.lowerBound - 1, limit: .max) { row in
            guard row.sequence <= range.upperBound else { return false }
            rows.append(row)
            return true
        }
        // Transitions alone are left in either way, where that is all that there is room for.
        let columns = (try? BatchCodec.decode(entry.payload))?.1
        let isThin =
            columns?.entries.count != columns?.recordCount
            || columns?.entries.contains { $0.kind != .health } ?? false
        var condensing = Condensing(isThin ? .thin : .drop)
        for row in rows {
            let payload = try Reader.payload(of: row, in: stream)
            if let batch = try? Batch(payload, at: stream.cursor(row.sequence)) {
                condensing.take(row, batch)
            } else {
                condensing.giveUp(row)
            }
        }
        return condensing
    }
}

// MARK: In the end

extension Holding {
    /// Brings back of the tail what the mark knows and the database has lost, and tells of the rest
    /// up to the mark as lost, with the records that came in it; and who reads, and how far each has
    /// come. What is to be told of it.
    mutating func regain(
        _ tail: LogTail, before mark: Mark, isMark: Bool = true
    ) throws(BufferError) -> [BufferEvent] {
        guard mark.epoch == stream.epoch else { return [] }
        var (next, gaps) = (self, [LostRow]())
        var events: [BufferEvent] = []
        try database.transaction { () throws(BufferError) in
            if newest < mark.newest {
                var regaining = try Regaining(tail, before: mark, into: self)
                try regaining.run()
                (next, gaps) = (regaining.next, regaining.gaps)
            }
            events = try next.regain(
                tail, readers: isMark ? mark.readers : nil, isCut: newest < mark.newest)
        }
        self = next
        let lost = gaps.filter { $0.reason == .corruption && $0.records > 0 }
        return lost.map { .tailLost($0.range(stream.epoch)) } + events
    }

    /// Puts consumers where the tail has them.
    private mutating func regain(
        _ tail: LogTail, readers known: UInt32?, isCut: Bool
    ) throws(BufferError) -> [BufferEvent] {
        let rows = try stream.consumerRows()
        let before = Dictionary(rows.map { ($0.name, $0.sequence) }, uniquingKeysWith: min)
        var outcome = tail.consumers.outcome(before, readers: known)
        // What a power cut has torn was answered to nobody, unless the mark knows of just that.
        let told = tail.consumers.outcome(before, readers: nil).places.keys
        let isKnown = known.map { $0 == ConsumerRow.digest(of: told) } ?? false
        if !tail.isRotten, readers == known || !isKnown && !(isCut && outcome.isComplete) {
            // The mark is behind where it could not be written, or a crash came before it; or else
            // the log ends too early. Nobody is to go for that.
            outcome = TailConsumers.Outcome(
                places: before, isComplete: known == nil || readers == known)
        }
        for (name, sequence) in outcome.places where before[name] != sequence {
            // Of what nobody has, nobody has acknowledged anything.
            try database.put(ConsumerRow(name: name, sequence: min(sequence, newest)))
        }
        for name in before.keys where outcome.places[name] == nil {
            try database.run("DELETE FROM consumer WHERE name = ?", .text(name))
        }
        readers = ConsumerRow.digest(of: outcome.places.keys)
        guard !outcome.doubtful.isEmpty || !outcome.isComplete else { return [] }
        return [.consumersInDoubt(outcome.doubtful, isComplete: outcome.isComplete)]
    }
}
