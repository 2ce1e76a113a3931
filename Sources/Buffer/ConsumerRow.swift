// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Where a consumer stands, as it is stored: with a digest of its name and its place, as a flipped
/// bit would skip batches that it never saw, or wait for what it has had.
struct ConsumerRow: Equatable {
    var name: String
    var sequence: Int64
    /// Whether the row says what was written.
    var isSound = true

    init(name: String, sequence: Int64) {
        self.name = name
        self.sequence = sequence
    }

    /// As a page holds it; `nil` for any other row, and for one that is not what was written. In
    /// schema 1 there is no digest to say so.
    init?(_ row: StoredRecord) {
        guard 2...3 ~= row.columns.count, let name = row.text(0),
            let sequence = row.integer(1), sequence >= 0, Consumer.isName(name)
        else { return nil }
        self.init(name: name, sequence: sequence)
        guard row.columns.count == 2 || row.integer(2) == digest else { return nil }
    }

    /// The first bytes of SHA-256 of its name and its place.
    var digest: Int64 {
        Int64(bitPattern: Self.digest("\(name) \(sequence)", of: 8))
    }

    /// A digest of who reads: of two such that are equal, both know all of them.
    static func digest(of names: some Sequence<String>) -> UInt32 {
        UInt32(truncatingIfNeeded: digest(names.sorted().joined(separator: " "), of: 4))
    }

    private static func digest(_ text: String, of count: Int) -> UInt64 {
        let digest = Array(text.utf8).withUnsafeBytes { Digest.sha256($0) }
        return digest.prefix(count).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension Database {
    /// All consumers as they are stored, by name; in schema 1 their `digest` is NULL.
    func consumerRows(digest: String) throws(BufferError) -> [ConsumerRow] {
        var rows: [ConsumerRow] = []
        try self.rows("SELECT name, seq, \(digest) FROM consumer ORDER BY name") { stored in
            var row = ConsumerRow(name: stored.text(0), sequence: stored.integer(1))
            row.isSound = row.sequence >= 0 && (stored.ifAny(2) ?? row.digest) == row.digest
            rows.append(row)
            return true
        }
        return rows
    }

    /// Writes a consumer's row, in the place of the one before.
    func put(_ row: ConsumerRow) throws(BufferError) {
        try run(
            "INSERT OR REPLACE INTO consumer VALUES (?, ?, ?)", .text(row.name),
            .integer(row.sequence), .integer(row.digest))
    }
}

extension Stream {
    /// All consumers as they are stored, by name.
    func consumerRows() throws(BufferError) -> [ConsumerRow] {
        try database.consumerRows(digest: hasTally ? "digest" : "NULL")
    }

    /// Where each consumer stands, by name. Whoever's row does not check stands at the oldest place
    /// that there is: what every consumer had is behind it.
    func positions() throws(BufferError) -> [ConsumerRow] {
        var rows = try consumerRows()
        for index in rows.indices where !rows[index].isSound {
            rows[index].sequence = try resolve(.earliest)
        }
        return rows
    }
}

extension Store {
    /// Tells of those whose rows do not check, and writes down where they stand now.
    func mendConsumers() throws(BufferError) {
        let rotten = try stream.positions().filter { !$0.isSound }
        guard !rotten.isEmpty else { return }
        for row in rotten {
            tell(.consumerDamaged(name: row.name, stream.cursor(row.sequence)))
        }
        do throws(BufferError) {
            try database.transaction { () throws(BufferError) in
                for row in rotten { try database.put(row) }
            }
        } catch {
            // Where there is no room for it they stand there all the same.
            guard error.isFull else { throw error }
        }
    }
}
