// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// What one connection can say of the stream. Each call is right within one snapshot.
struct Stream {
    let database: Database
    let epoch: Epoch
    /// What stands for a batch's row, which schema 1 has without its transitions.
    private let columns: String
    /// Not in schema 1: the tally, and the epochs that ended.
    let hasTally: Bool
    /// Bytes of a page: `Store.pageSize`, unless somebody else has made the database.
    let pageSize: Int

    /// Of the epoch that the database tells.
    init(database: Database) throws(BufferError) {
        guard let epoch = try Schema.epoch(of: database) else { throw .unreadable("epoch") }
        try self.init(database: database, epoch: epoch)
    }

    init(database: Database, epoch: Epoch) throws(BufferError) {
        self.database = database
        self.epoch = epoch
        hasTally = try database.pragma("user_version") > 1
        pageSize = try database.pragma("page_size")
        columns =
            Self.columns
            + (hasTally ? ", transitions, elapsed_ms, gathered_ms" : ", NULL, NULL, NULL")
    }

    func cursor(_ sequence: Int64) -> Cursor {
        Cursor(epoch: epoch, sequence: sequence)
    }

    /// The newest sequence: batches and losses share one row of numbers.
    func newest() throws(BufferError) -> Int64 {
        let batch = try database.first("SELECT max(seq) FROM batch", make: Self.sequence)
        let lost = try database.first(
            "SELECT to_seq FROM lost ORDER BY from_seq DESC LIMIT 1", make: Self.sequence)
        return max(batch ?? 0, lost ?? 0)
    }

    private static func sequence(
        _ row: borrowing Database.Row
    ) throws(BufferError) -> Int64 { try row.quantity(0) }

    /// The sequence after which a position begins.
    func resolve(_ position: Position) throws(BufferError) -> Int64 {
        switch position {
        case .latest: return try newest()
        case .earliest:
            return try database.first(
                "SELECT to_seq FROM lost WHERE reason = ? ORDER BY from_seq DESC LIMIT 1",
                .text(LossReason.acknowledged.rawValue), make: Self.sequence) ?? 0
        case .after(let cursor):
            guard cursor.epoch == epoch else { throw .otherEpoch(resume: self.cursor(0)) }
            let newest = try newest()
            guard cursor.sequence <= newest else {
                throw .beyondNewest(newest: self.cursor(newest))
            }
            return cursor.sequence
        }
    }

    /// A batch's row without its payload.
    struct Row {
        var sequence: Int64
        var sealed: Timestamp
        var first: Timestamp
        var last: Timestamp
        /// As the books count them: without summaries.
        var records: Int
        var readings: Int
        /// Bytes as NDJSON, with the batch line.
        var lines: Int
        var totalRecords: Int64
        var totalReadings: Int64
        var totalBytes: Int64
        var bytes: Int
        /// Health records in it; `nil` where schema 1 did not count them, or summaries are beside
        /// them.
        var transitions: Int?
        /// The stream's own time at the sealing; `nil` as above.
        var elapsed: Duration?
        /// From its first record to the sealing; `nil` as above.
        var gathered: Duration?
    }

    /// Visits batches after a sequence, oldest first, until `visit` returns false.
    func batches(
        after sequence: Int64, limit: Int, visit: (Row) throws(BufferError) -> Bool
    ) throws(BufferError) {
        try database.rows(
            "SELECT \(columns) FROM batch WHERE seq > ? ORDER BY seq LIMIT ?",
            .integer(sequence), .integer(Int64(limit))
        ) { (row: borrowing Database.Row) throws(BufferError) in
            try visit(try Self.row(row))
        }
    }

    /// The oldest batch after a sequence.
    func oldest(after sequence: Int64 = 0) throws(BufferError) -> Row? {
        try database.first(
            "SELECT \(columns) FROM batch WHERE seq > ? ORDER BY seq LIMIT 1",
            .integer(sequence), make: Self.row)
    }

    /// The row of one batch; `nil` if it is not there.
    func batch(_ sequence: Int64) throws(BufferError) -> Row? {
        try database.first(
            "SELECT \(columns) FROM batch WHERE seq = ?", .integer(sequence), make: Self.row)
    }

    func newestBatch() throws(BufferError) -> Row? {
        try database.first(
            "SELECT \(columns) FROM batch ORDER BY seq DESC LIMIT 1", make: Self.row)
    }

    /// A batch's bytes; `nil` if it is not there.
    func payload(_ sequence: Int64) throws(BufferError) -> [UInt8]? {
        try database.first(
            "SELECT payload FROM batch WHERE seq = ?", .integer(sequence)
        ) { $0.blob(0) }
    }

    /// The newest sequence that went for want of room, 0 if none has: before it batches of
    /// transitions alone are kept, and from it on nothing has gone.
    func pressed() throws(BufferError) -> Int64 {
        try database.first(
            "SELECT to_seq FROM lost WHERE reason IN (?, ?, ?) ORDER BY from_seq DESC LIMIT 1",
            .text(LossReason.bufferLimit.rawValue), .text(LossReason.thinned.rawValue),
            .text(LossReason.diskFull.rawValue), make: Self.sequence) ?? 0
    }

    /// Visits what is lost after a sequence, oldest first, until `visit` returns false.
    func losses(
        after sequence: Int64, visit: (LostRow) throws(BufferError) -> Bool
    ) throws(BufferError) {
        // The one range that may begin before and end after is the last that begins before.
        try database.rows(
            """
            SELECT from_seq, to_seq, records, first_ms, last_ms, reason FROM lost
            WHERE to_seq > ?1 AND from_seq >=
                coalesce((SELECT max(from_seq) FROM lost WHERE from_seq <= ?1), 0)
            ORDER BY from_seq
            """, .integer(sequence)
        ) { (row: borrowing Database.Row) throws(BufferError) in
            try visit(
                LostRow(
                    from: try row.quantity(0), to: try row.quantity(1),
                    records: Int(try row.quantity(2)),
                    first: Timestamp(milliseconds: row.integer(3)),
                    last: Timestamp(milliseconds: row.integer(4)),
                    reason: LossReason(rawValue: row.text(5)) ?? .corruption))
        }
    }

    /// Whether all between two sequences is told of as lost.
    func accounts(after start: Int64, before end: Int64) throws(BufferError) -> Bool {
        var next = start + 1
        guard next < end else { return true }
        try losses(after: start) { (row) throws(BufferError) in
            if row.from <= next { next = max(next, row.to + 1) }
            return row.from <= next && next < end
        }
        return next >= end
    }

    private static let columns = """
        seq, sealed_ms, first_ms, last_ms, records, readings, lines, total_records, \
        total_readings, total_bytes, length(payload)
        """

    private static func row(_ row: borrowing Database.Row) throws(BufferError) -> Row {
        Row(
            sequence: try row.quantity(0), sealed: Timestamp(milliseconds: row.integer(1)),
            first: Timestamp(milliseconds: row.integer(2)),
            last: Timestamp(milliseconds: row.integer(3)),
            records: Int(try row.quantity(4)), readings: Int(try row.quantity(5)),
            lines: Int(try row.quantity(6)), totalRecords: try row.quantity(7),
            totalReadings: try row.quantity(8), totalBytes: try row.quantity(9),
            bytes: row.count(10),
            transitions: row.ifAny(11).map(Int.init),
            elapsed: row.ifAny(12).map { .milliseconds($0) },
            gathered: row.ifAny(13).map { .milliseconds($0) })
    }
}

extension Stream.Row {
    /// How much time there is from the sealing of `older` to this one, in the stream's own time;
    /// of a row that schema 1 wrote, as the wall clock has it.
    func elapsed(since older: Self) -> Duration {
        if let elapsed, let before = older.elapsed { return elapsed - before }
        return .milliseconds(max(0, sealed.milliseconds &- older.sealed.milliseconds))
    }
}
