// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// The tables of a buffer.
///
/// - `batch` holds what can be read, `lost` all that cannot be read any more. A sequence that leaves
///   `batch` enters `lost` in the same transaction, so every sequence from 1 to the newest is in
///   exactly one of the two, and the newest is the greatest of both: no sequence is used twice,
///   and no counter of its own has to be written.
/// - `total_…` are sums over all batches up to and including this one since the epoch began, so
///   that lags are two look-ups instead of a scan.
/// - `transitions` counts health records; it is NULL in rows that schema 1 wrote. It stands last,
///   where a migrated table has it too: a row has one layout.
/// - `elapsed_ms` is the stream's own time at the sealing (`RunningTime`), `gathered_ms` how long its
///   records had been gathered then. They are NULL, and stand last, for the same reason.
/// - `ended` says why epochs before this one are over, so that a reader who comes back with an old
///   cursor is told the truth.
/// - A payload says all that its row says, and is believed first (`BatchCodec`).
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
        CREATE TABLE consumer(
            name TEXT PRIMARY KEY,
            seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        \(ended);
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

    private static let ended = """
        CREATE TABLE ended(
            epoch TEXT PRIMARY KEY,
            newest INTEGER,
            reason TEXT NOT NULL,
            ended_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID
        """

    /// Opens the database for writing, and creates it if it is not there.
    static func open(
        _ directory: BufferDirectory, pageSize: Int
    ) throws(BufferError) -> (database: Database, epoch: Epoch) {
        if try !directory.check() {
            try directory.makeDatabase { (database) throws(BufferError) in
                try create(database, pageSize: pageSize)
            }
        }
        let database = try Database(path: directory.database, mode: .write)
        let version = try database.pragma("user_version")
        try database.execute(
            """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = OFF;
            PRAGMA journal_size_limit = \(Store.logLimit)
            """)
        if version == 1 { try migrate(database) }
        return (database, try epoch(of: database, path: directory.database))
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
            try database.execute(ended)
            try database.execute("PRAGMA user_version = \(BufferDirectory.schema)")
        }
        try database.execute("PRAGMA writable_schema = RESET")
    }

    /// The epoch of a database.
    static func epoch(of database: Database, path: String) throws(BufferError) -> Epoch {
        let text = try database.first("SELECT epoch FROM meta") { $0.text(0) }
        guard let text, let epoch = Epoch(text) else {
            throw .unusable(path: path, reason: .foreign)
        }
        return epoch
    }

    /// All in one transaction with a rollback journal.
    private static func create(_ database: Database, pageSize: Int) throws(BufferError) {
        try database.execute(
            "PRAGMA page_size = \(pageSize); PRAGMA auto_vacuum = INCREMENTAL")
        var generator = SystemRandomNumberGenerator()
        let epoch = Epoch(using: &generator)
        try database.transaction { () throws(BufferError) in
            try database.execute(tables)
            try database.execute("PRAGMA application_id = \(BufferDirectory.applicationID)")
            try database.execute("PRAGMA user_version = \(BufferDirectory.schema)")
            try database.run("INSERT INTO meta(epoch) VALUES (?)", .text(epoch.text))
        }
    }
}
