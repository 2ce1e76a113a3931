// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

/// A buffer of schema 1, as the first Millpond wrote it, in the hands of this one.
@Suite(.conserving) struct MigrationTests {
    private let scratch: Scratch
    private let settings: BatchBuffer.Settings
    private var directory: BufferDirectory { BufferDirectory(path: settings.directory) }

    /// Three batches of format 2, an empty range before them, a consumer; the last batch and the
    /// consumer are in the log alone, as a crash leaves them.
    init() throws {
        scratch = try Scratch()
        settings = scratch.settings()
        let script = """
            PRAGMA page_size = 512; PRAGMA auto_vacuum = INCREMENTAL;
            BEGIN; \(SchemaOne.tables) PRAGMA application_id = \(0x4D4C_5044);
            PRAGMA user_version = 1; INSERT INTO meta(epoch) VALUES ('q7m2k9xd'); COMMIT;
            PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
            \(SchemaOne.batches[0]) \(SchemaOne.batches[1]) PRAGMA wal_checkpoint(TRUNCATE);
            \(SchemaOne.batches[2]) INSERT INTO consumer VALUES ('mes', 1);
            .shell cp made.db buffer/millpond.db && cp made.db-wal buffer/millpond.db-wal
            """
        try write(Array(script.utf8), to: scratch.path + "/script.sql")
        _ = try shell("cd '\(scratch.path)' && mkdir buffer && sqlite3 made.db < script.sql")
        Books.count(in: settings.directory) { 13 }
    }

    /// Schema 1 has no mark: only its pages tell what it held.
    @Test func `what is whole in a damaged one comes back`() async throws {
        _ = try shell(
            """
            cd '\(scratch.path)/buffer' && root=$(sqlite3 millpond.db \
            "SELECT rootpage FROM sqlite_schema WHERE name = 'lost'; PRAGMA wal_checkpoint") \
            && dd if=/dev/zero of=millpond.db bs=512 count=1 conv=notrunc \
            seek=$((${root%%[!0-9]*} - 1)) 2>&1
            """)
        let buffer = try BatchBuffer(settings)
        #expect(buffer.epoch.text != "q7m2k9xd")
        try await buffer.isSalvaged()
        let page = try await buffer.allPages()
        #expect(page.batches.map(\.head.records) == [3, 5, 5])
        #expect(page.counts.lost == 0)
        #expect(try await buffer.consumer("mes")?.cursor.sequence == 0)
        await buffer.close()
    }

    @Test func `it is migrated at open, loses nothing and goes on`() async throws {
        for _ in 0..<2 {
            let buffer = try BatchBuffer(settings)
            #expect(buffer.epoch.text == "q7m2k9xd")
            let page = try await buffer.everything()
            #expect(page.sequences.starts(with: [1, 2, 3]))
            #expect(page.batches.prefix(3).map(\.head.records) == [3, 5, 5])
            #expect(page.batches[1].records[4].isHealth)
            #expect(try await buffer.consumer("mes")?.cursor.sequence == 1)
            try await buffer.seal(4, at: .start + 40)
            await buffer.close()
        }
        let offline = try OfflineBuffer(directory: settings.directory)
        #expect(try offline.verify().isSound)
        var counts: [Int?] = []
        try offline.reader.stream.batches(after: 0, limit: 10) { (row) throws(BufferError) in
            counts.append(row.transitions)
            return true
        }
        #expect(counts == [nil, nil, nil, 0, 0])
        let tables = try shell(
            "sqlite3 '\(directory.database)' 'PRAGMA user_version; SELECT sql FROM sqlite_schema'")
        let made = try Scratch()
        await (try BatchBuffer(made.settings())).close()
        let fresh = BufferDirectory(path: made.settings().directory).database
        #expect(
            try shell("sqlite3 '\(fresh)' 'PRAGMA user_version; SELECT sql FROM sqlite_schema'")
                == tables, "a migrated buffer has the tables of a new one")
    }

    @Test func `from outside it is read as it is, and not changed`() throws {
        for isCrashed in [true, false] {
            if !isCrashed { _ = try shell("sqlite3 '\(directory.database)' 'SELECT 1 FROM meta'") }
            let before = try shell("cd '\(settings.directory)' && ls -a && sha256sum *")
            let offline = try OfflineBuffer(directory: settings.directory)
            let report = try offline.verify()
            #expect(report.isSound)
            #expect(report.batches == 3)
            #expect(report.records == 13)
            #expect(try shell("cd '\(settings.directory)' && ls -a && sha256sum *") == before)
        }
    }

    @Test func `a crash at any step of the migration leaves all of it or none`() async throws {
        let before = BufferDirectory.size(of: directory.log)
        do {
            let (database, _) = try Schema.open(directory)
            #expect(try database.pragma("user_version") == BufferDirectory.schema)
            _ = try shell(
                """
                cd '\(scratch.path)' && mkdir crashed \
                && cp buffer/millpond.db buffer/millpond.db-wal crashed
                """)
        }
        let after = BufferDirectory.size(of: scratch.path + "/crashed/millpond.db-wal")
        try #require(after > before)
        for size in stride(from: before, through: after, by: (512 + 24) / 4) {
            var settings = settings
            settings.directory = "\(scratch.path)/crashed-\(size)"
            _ = try shell(
                """
                cd '\(scratch.path)' && cp -r crashed crashed-\(size) \
                && truncate -s \(size) crashed-\(size)/millpond.db-wal
                """)
            Books.count(in: settings.directory) { 13 }
            let buffer = try BatchBuffer(settings)
            let page = try await buffer.everything()
            #expect(page.sequences == [1, 2, 3])
            #expect(page.counts.read == 13)
            #expect(try await buffer.seal(2, at: .start + 40).cursor.sequence == 4)
            await buffer.close()
        }
    }
}

extension Record {
    fileprivate var isHealth: Bool { if case .health = self { true } else { false } }
}

/// What the first Millpond wrote; nothing of it may change.
enum SchemaOne {
    static let tables = """
        CREATE TABLE meta(
            epoch TEXT NOT NULL) STRICT;
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
            payload BLOB NOT NULL) STRICT;
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
        """

    /// Each a statement.
    static let batches = [
        """
        INSERT INTO batch VALUES (1, 1795136643004, 1795136643004, 1795136643004, 3, 3, 652, 3, \
        3, 130, x'28b52ffd2475a9030002010871376d326b397864f8fedae7be6800016207656467652d30370108\
        73757a686f752d32ac54c07be4ba3956b5f9a3c156f0eaccc12a81ca8d847def7db1e9e01b2c6aa201010100\
        010770726573732d31056472697665010a706172742d636f756e7401013100000300010101000100000202e7\
        311419');
        """,
        """
        INSERT INTO batch VALUES (2, 1795136653004, 1795136653004, 1795136653004, 5, 4, 811, 8, \
        7, 292, x'28b52ffd2495a9040002020871376d326b397864989bdce7be6800016207656467652d30370108\
        73757a686f752d32d3dc07ee49dc3f1940733c04726a0ef6480b115b8887918d16a54d55c78bd1a301010201\
        010770726573732d31056472697665010a706172742d636f756e740101310000040001010101000000000107\
        70726573732d31117b2274797065223a226865616c7468227d0100000202028faa727e');
        """,
        """
        INSERT INTO batch VALUES (3, 1795136663004, 1795136663004, 1795136663004, 5, 5, 934, 13,\
         12, 426, x'28b52ffd2479c9030002030871376d326b397864b8b7dde7be6800016207656467652d303701\
        0873757a686f752d32ab09c79f3237065e41f7dab22ffb2c15194eafad9b90da7579d3cf1286d05f8e010101\
        00010770726573732d31056472697665010a706172742d636f756e7401013100000500010101010100010000\
        020202020f267e79');
        """,
    ]
}
