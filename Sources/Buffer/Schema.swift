// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// The tables of a buffer.
///
/// - `batch` holds what can be read, `lost` all that cannot be read any more. A sequence that leaves
///   `batch` enters `lost` in the same transaction, so every sequence from 1 to the newest is in
///   exactly one of the two, and the newest is the greatest of both: no sequence is used twice,
///   and no counter of its own has to be written.
/// - `total_…` are sums over all batches up to and including this one since the epoch began, so
///   that lags are two look-ups instead of a scan.
/// - `records` counts what the plant produced, in a batch as in what is lost: the books are kept by
///   it. Summaries are none.
/// - `transitions` counts health records; it is NULL in rows that schema 1 wrote, and where summaries
///   are beside them. It stands last, where a migrated table has it too: a row has one layout.
/// - `elapsed_ms` is the stream's own time at the sealing (`RunningTime`), `gathered_ms` how long its
///   records had been gathered then. They are NULL, and stand last, for the same reason.
/// - `tally` is one row: how many records ever came, and how many are kept. Triggers count what is
///   kept, so that it is exact whoever adds or removes batches. The mark repeats it.
/// - `ended` says why epochs before this one are over, so that a reader who comes back with an old
///   cursor is told the truth; `first_ms` is the earliest time of what they kept, `owed` how many of its records are neither salvaged nor told of
///   as lost yet, `salvaged` up to which of its sequences salvage has come; `readers` is a digest of
///   its consumers' names, NULL where nobody knows.
/// - `digest` says whether a consumer's row is what was written (`ConsumerRow`).
/// - A payload says all that its row says, but the totals and the stream's own time, and is believed
///   first: a row that says otherwise is mended (`Proof`, `Store.examine`).
enum Schema {
    static let tables = """
        CREATE TABLE meta(
            epoch TEXT NOT NULL) STRICT;
        \(batch);
        CREATE TABLE lost(
            from_seq INTEGER PRIMARY KEY,
            to_seq INTEGER NOT NULL,
            records INTEGER NOT NULL,
            first_ms INTEGER NOT NULL,
            last_ms INTEGER NOT NULL,
            reason TEXT NOT NULL) STRICT;
        \(added);
        """

    private static let batch = """
        CREATE TABLE batch(
            seq INTEGER PRIMARY KEY,
            sealed_ms INTEGER NOT NULL,
            first_ms INTEGER NOT NULL,
            last_ms INTEGER NOT NULL,
            records INTEGER NOT NULL,
            readings INTEGER NOT NULL,
            lines INTEGER NOT NULL,
            total_records INTEGER NOT NULL,
            total_readings INTEGER NOT NULL,
            total_bytes INTEGER NOT NULL,
            payload BLOB NOT NULL,
            transitions INTEGER,
            elapsed_ms INTEGER,
            gathered_ms INTEGER) STRICT
        """

    /// What schema 2 has added, or has otherwise.
    private static let added = """
        CREATE TABLE ended(
            epoch TEXT PRIMARY KEY,
            newest INTEGER,
            reason TEXT NOT NULL,
            ended_ms INTEGER NOT NULL,
            owed INTEGER NOT NULL,
            salvaged INTEGER NOT NULL,
            readers INTEGER,
            first_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE tally(
            produced INTEGER NOT NULL,
            kept INTEGER NOT NULL) STRICT;
        CREATE TRIGGER batch_came AFTER INSERT ON batch BEGIN
            UPDATE tally SET kept = kept + new.records;
        END;
        CREATE TRIGGER batch_left AFTER DELETE ON batch BEGIN
            UPDATE tally SET kept = kept - old.records;
        END;
        CREATE TABLE consumer(
            name TEXT PRIMARY KEY,
            seq INTEGER NOT NULL,
            digest INTEGER NOT NULL) STRICT, WITHOUT ROWID
        """

    /// What schema 1 does not count: there, a record that came is kept or in a lost range.
    private static let counted = """
        INSERT INTO tally
        SELECT kept + (SELECT total(records) FROM lost), kept FROM (
            SELECT coalesce((SELECT total_records FROM batch ORDER BY seq DESC LIMIT 1)
                - (SELECT total(records) FROM lost WHERE reason <> 'not-stored'), 0) AS kept)
        """

    /// Opens the database that is there for writing; says which schema it had before.
    static func open(
        _ directory: BufferDirectory
    ) throws(BufferError) -> (database: Database, version: Int) {
        let database = try Database(path: directory.database, mode: .write)
        guard try database.pragma("application_id") == Int(BufferDirectory.applicationID) else {
            throw .unreadable("application_id")
        }
        let version = try database.pragma("user_version")
        guard (1...BufferDirectory.schema).contains(version) else {
            throw BufferDirectory.isNewer(version)
                ? .unusable(path: directory.database, reason: .newerSchema(version))
                : .unreadable("user_version \(version)")
        }
        try database.execute(
            """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = OFF;
            PRAGMA journal_size_limit = \(Store.logLimit)
            """)
        if version == 1 { try migrate(database) }
        return (database, version)
    }

    /// Makes a new database. SQLite would read a log that is left from another one into it.
    static func found(
        _ directory: BufferDirectory, with founding: Founding
    ) throws(BufferError) {
        for leftover in [directory.log, directory.index] { try BufferDirectory.remove(leftover) }
        try directory.makeDatabase { (database) throws(BufferError) in
            try create(database, founding)
        }
    }

    /// Makes schema 2 of schema 1, in one transaction and without reading a batch.
    ///
    /// A column that may be NULL changes no stored row (sqlite.org/lang_altertable.html, §7).
    /// `ALTER TABLE ADD COLUMN` would do the same, and from SQLite 3.42 on read the whole of a
    /// STRICT table to check it: a minute for a large buffer on a slow card.
    private static func migrate(_ database: Database) throws(BufferError) {
        try database.execute("PRAGMA writable_schema = ON")
        try database.transaction { () throws(BufferError) in
            try database.run(
                "UPDATE sqlite_schema SET sql = ? WHERE name = 'batch'", .text(batch))
            let rows = try database.consumerRows(digest: "NULL")
            try database.execute("DROP TABLE consumer; \(added)")
            try database.execute(counted)
            for row in rows where row.isSound { try database.put(row) }
            try database.execute("PRAGMA user_version = \(BufferDirectory.schema)")
        }
        try database.execute("PRAGMA writable_schema = RESET")
    }

    /// The epoch of a database; `nil` if it does not say.
    static func epoch(of database: Database) throws(BufferError) -> Epoch? {
        try database.first("SELECT epoch FROM meta") { $0.text(0) }.flatMap { Epoch($0) }
    }

    private static func create(
        _ database: Database, _ founding: Founding
    ) throws(BufferError) {
        try database.execute(
            "PRAGMA page_size = \(founding.pageSize); PRAGMA auto_vacuum = INCREMENTAL")
        try database.transaction { () throws(BufferError) in
            try database.execute(tables)
            try database.execute("PRAGMA application_id = \(BufferDirectory.applicationID)")
            try database.execute("PRAGMA user_version = \(BufferDirectory.schema)")
            try database.run("INSERT INTO meta(epoch) VALUES (?)", .text(founding.epoch.text))
            try database.run("INSERT INTO tally VALUES (0, 0)")
            for ended in founding.ended { try insert(ended, into: database) }
            for name in founding.consumers {
                try database.put(ConsumerRow(name: name, sequence: 0))
            }
        }
    }

    private static func insert(
        _ ended: EndedEpoch, into database: Database
    ) throws(BufferError) {
        try database.run(
            """
            INSERT INTO ended
            VALUES (?, ?, ?, ?, ?, ?, \(ended.readers.map(String.init) ?? "NULL"), ?)
            """,
            .text(ended.epoch.text),
            .integer(ended.newest), .text(ended.reason.rawValue),
            .integer(ended.time.milliseconds), .integer(ended.owed),
            .integer(ended.salvaged), .integer(ended.first.milliseconds))
    }

    /// What a new database begins with.
    struct Founding {
        var epoch: Epoch
        /// The epochs before it, as far as they are known; the last ones, if there are very many.
        var ended: [EndedEpoch] = []
        /// Who read the epoch before: they go on at the beginning of this one.
        var consumers: [String] = []
        /// Bytes of a page; benchmarks try others.
        var pageSize = Store.pageSize
    }
}
