// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// A database that the writer has open, and what it knows by heart of it.
struct Holding {
    let stream: Stream
    var newest: Int64
    var totals: Totals
    var tombstones: Int
    var time: RunningTime
    /// No batch beyond this one has gone to make room, or after acknowledgement.
    private var floor: Int64
    /// What became of earlier epochs.
    private(set) var ended: [EndedEpoch]
    /// A digest of the consumers' names (`ConsumerRow`).
    var readers: UInt32
    /// When the newest batch was sealed; the epoch of Unix if there is none.
    var sealed: Timestamp

    /// Sums over all batches since the epoch began.
    struct Totals {
        var records: Int64 = 0
        var readings: Int64 = 0
        var bytes: Int64 = 0
    }

    var database: Database { stream.database }

    /// Records of epochs before this one that nobody has accounted for yet.
    var owed: Int64 { ended.reduce(0) { $0 + $1.owed } }

    /// Reads in every table, so that a database that cannot be believed is found out here.
    init(_ stream: Stream) throws(BufferError) {
        self.stream = stream
        newest = try stream.newest()
        let batch = try stream.newestBatch()
        totals =
            batch.map {
                Totals(records: $0.totalRecords, readings: $0.totalReadings, bytes: $0.totalBytes)
            } ?? Totals()
        time = RunningTime(batch?.elapsed ?? .zero, at: try Self.head(of: batch, in: stream))
        sealed = batch?.sealed ?? Timestamp(milliseconds: 0)
        let gone = try stream.database.first("SELECT count(*), total(records) FROM lost") {
            (row: borrowing Database.Row) throws(BufferError) in
            (rows: row.count(0), records: try row.quantity(1))
        }
        tombstones = gone?.rows ?? 0
        ended = try stream.ended()
        floor = (try stream.oldest()?.sequence ?? newest + 1) - 1
        readers = ConsumerRow.digest(of: try stream.consumerNames())
        // What came is kept or has gone: what says otherwise has lost a row, or rotted in one.
        guard let tally = try stream.tally(), tally.produced - tally.kept == gone?.records ?? 0
        else { throw .unreadable("tally") }
    }

    /// What the newest batch says of itself; `nil` if there is none, or it is damaged.
    private static func head(
        of newest: Stream.Row?, in stream: Stream
    ) throws(BufferError) -> BatchHead? {
        guard let newest, case .success(let payload) = try Reader.payload(of: newest, in: stream)
        else { return nil }
        // Whoever reads it will be told; here it only tells no time.
        let head = try? BatchCodec.decode(payload).0
        // What was brought back from quarantine tells the time of its own sealing, long ago.
        return head?.salvaged == nil ? head : nil
    }

    /// What the mark is to say of it.
    func mark(_ tally: Tally) -> Mark {
        var mark = Mark(
            epoch: stream.epoch, newest: newest, tally: tally, owed: owed, sealed: sealed,
            readers: readers)
        // Where the database does not say, whoever reads the mark has to look at all there is.
        guard let oldest = try? stream.oldest() else { return mark }
        mark.oldest = min(oldest.sequence, floor + 1)
        mark.first = oldest.first
        return mark
    }

    /// Takes note that batches up to one may have gone.
    mutating func gone(through sequence: Int64) { floor = max(floor, sequence) }

    /// Takes the mark's word for how many of the oldest have gone: rows that are missing beyond them
    /// may be damage that nobody has seen yet.
    mutating func believe(_ mark: Mark) {
        if mark.oldest > 0 { floor = min(floor, mark.oldest - 1) }
    }

    /// Takes note of how far salvage of an epoch has come, and of how many records it owes still.
    mutating func salvaged(_ epoch: Epoch, through: Int64, owed: Int64) {
        for index in ended.indices where ended[index].epoch == epoch {
            ended[index].salvaged = through
            ended[index].owed = owed
        }
    }

    /// Takes note of a batch that is stored.
    mutating func add(_ sealing: Sealing, at time: RunningTime) {
        newest = sealing.head.cursor.sequence
        sealed = sealing.head.sealed
        self.time = time
        totals.records += Int64(sealing.produced)
        totals.readings += Int64(sealing.facts.readings)
        totals.bytes += Int64(sealing.payload.count)
    }
}

extension Database {
    /// Writes one row of `lost`.
    func insert(_ row: LostRow) throws(BufferError) {
        try run(
            "INSERT INTO lost VALUES (?, ?, ?, ?, ?, ?)", .integer(row.from), .integer(row.to),
            .integer(Int64(row.records)), .integer(row.first.milliseconds),
            .integer(row.last.milliseconds), .text(row.reason.rawValue))
    }
}

extension Holding {
    /// Owes no more than so many records of epochs before this one: debts only become smaller, and
    /// a row that says more than the mark has rotted.
    mutating func limitDebts(to most: Int64) throws(BufferError) {
        var excess = owed - most
        for index in ended.indices where excess > 0 && ended[index].owed > 0 {
            let part = min(excess, ended[index].owed)
            ended[index].owed -= part
            excess -= part
            try database.run(
                "UPDATE ended SET owed = ? WHERE epoch = ?", .integer(ended[index].owed),
                .text(ended[index].epoch.text))
        }
    }

    /// Tells of all that is still owed of epochs before this one, as one loss.
    mutating func settle() throws(BufferError) {
        let owed = owed
        guard owed > 0, let last = ended.max(by: { $0.time < $1.time }) else { return }
        let row = LostRow(
            from: newest + 1, to: newest + 1, records: Int(owed),
            first: ended.filter { $0.owed > 0 }.map(\.first).min() ?? last.time,
            last: last.time, reason: .corruption)
        try database.transaction { () throws(BufferError) in
            try database.insert(row)
            try database.run("UPDATE ended SET owed = 0")
            try database.run("UPDATE tally SET produced = produced + ?", .integer(owed))
        }
        for index in ended.indices { ended[index].owed = 0 }
        newest += 1
        tombstones += 1
    }
}
