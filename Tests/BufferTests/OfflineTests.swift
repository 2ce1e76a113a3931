// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

/// Reading a directory from outside, and what damage looks like.
@Suite(.conserving) struct OfflineTests {
    private let scratch: Scratch
    private let settings: BatchBuffer.Settings
    private let epoch: Epoch

    /// Ten batches, two of them with losses before them: sequences 1–12.
    init() async throws {
        scratch = try Scratch()
        settings = scratch.settings()
        let buffer = try BatchBuffer(settings)
        epoch = buffer.epoch
        var source = AnyRecords(seed: 3)
        for number in 0..<10 {
            let loss = Loss(records: 5, first: .start, last: .start, reason: .notStored)
            try await buffer.seal(
                number % 3 == 0 ? [reading(1, at: .start + number * 10)] : source.next(),
                at: .start + number * 10, losses: number == 4 || number == 8 ? [loss] : [])
        }
        await buffer.close()
    }

    private var database: String { settings.directory + "/millpond.db" }

    @Test func `a sound buffer verifies, and nothing is written`() throws {
        let before = try shell("cd '\(settings.directory)' && ls && sha256sum millpond.db")
        let report = try OfflineBuffer(directory: settings.directory).verify()
        #expect(report.isSound)
        #expect(report.newest == 12)
        #expect(report.batches == 10)
        #expect(report.lostRecords == 10)
        #expect(report.lost.map(\.from.sequence) == [5, 10])
        #expect(report.hashedBytes > 1_000)
        #expect(try shell("cd '\(settings.directory)' && ls && sha256sum millpond.db") == before)
    }

    @Test func `a running buffer can be read beside its daemon`() async throws {
        let buffer = try BatchBuffer(settings)
        try await buffer.seal(3)
        let offline = try OfflineBuffer(directory: settings.directory)
        #expect(try offline.verify().newest == 13)
        try await buffer.seal(3)
        #expect(try offline.verify().newest == 14)
        #expect(offline.epoch == buffer.epoch)
        await buffer.close()
    }

    @Test func `what a crash left behind is read from a copy`() async throws {
        let buffer = try BatchBuffer(settings)
        try await buffer.seal(3)
        let copy = scratch.path + "/crashed"
        _ = try shell(
            "mkdir '\(copy)' && cp '\(database)' '\(database)-wal' '\(copy)'")
        await buffer.close()
        let before = try shell("cd '\(copy)' && ls -a && sha256sum *")
        let report = try OfflineBuffer(directory: copy).verify()
        #expect(report.newest == 13)
        #expect(report.isSound)
        #expect(try shell("cd '\(copy)' && ls -a && sha256sum *") == before)
    }

    @Test(arguments: ["苏州", "Ñandú #1?%41", "a space", "%2e%2e", "quoted\"&=;", "🏭"])
    func `a directory may have any name`(name: String) throws {
        let renamed = scratch.path + "/" + name
        try #require(rename(settings.directory, renamed) == 0)
        for path in [renamed, "/" + renamed] {
            #expect(try OfflineBuffer(directory: path).verify().newest == 12)
        }
        try #require(rename(renamed, settings.directory) == 0)
    }

    @Test func `lists and selects by cursor and by time`() throws {
        let offline = try OfflineBuffer(directory: settings.directory)
        var listed: [Int64] = []
        try offline.list { batch in
            listed.append(batch.cursor.sequence)
            return true
        }
        #expect(listed == [1, 2, 3, 4, 6, 7, 8, 9, 11, 12])

        func sequences(_ selection: OfflineBuffer.Selection) throws -> [Int64] {
            var page = Page(items: [], next: Cursor(epoch: epoch, sequence: 0), more: false)
            try offline.items(in: selection) { page.items.append($0) }
            return page.sequences
        }
        #expect(try sequences(OfflineBuffer.Selection()) == Array(1...12))
        #expect(
            try sequences(
                OfflineBuffer.Selection(
                    after: .after(Cursor(epoch: epoch, sequence: 3)), through: 7))
                == [4, 5, 6, 7])
        let last = try sequences(
            OfflineBuffer.Selection(times: .start + 90 ... .start + 90))
        #expect(last.contains(12))
        #expect(!last.contains(1))
        #expect(try offline.batch(at: Cursor(epoch: epoch, sequence: 5)) == nil)
        #expect(try offline.batch(at: Cursor(epoch: epoch, sequence: 6)) != nil)
    }

    @Test func `a directory without a buffer is a fact, not an empty report`() throws {
        #expect(
            throws: BufferError.unusable(
                path: scratch.path + "/millpond.db", reason: .errno(ENOENT))
        ) { try OfflineBuffer(directory: scratch.path) }
    }

    /// Each byte of a payload in turn would take long; every 7th with every bit is enough to see
    /// that none goes unnoticed.
    @Test func `a damaged payload is named, reported as lost, and reading goes on`() async throws {
        Books.tampered(settings.directory)
        let statement = """
            UPDATE batch SET payload = CAST(substr(payload, 1, %d) || x'%s' || \
            substr(payload, %d) AS BLOB) WHERE seq = 6
            """
        let size = try #require(
            Int(
                try shell("sqlite3 '\(database)' 'SELECT length(payload) FROM batch WHERE seq = 6'")
                    .dropLast()))
        _ = try shell("cp '\(database)' '\(database).sound'")
        for place in stride(from: 0, to: size, by: max(size / 12, 1)) {
            let byte = try shell(
                "sqlite3 '\(database).sound' 'SELECT hex(substr(payload, \(place + 1), 1)) FROM batch WHERE seq = 6'"
            ).dropLast()
            let flipped = String(try #require(UInt8(byte, radix: 16)) ^ 1 << (place % 8), radix: 16)
            let sql = statement.replacing("%d AS", with: "")
                .replacing("1, %d)", with: "1, \(place))")
                .replacing("%s", with: flipped.count == 1 ? "0" + flipped : flipped)
                .replacing("payload, %d)", with: "payload, \(place + 2))")
            _ = try shell(
                """
                cd '\(settings.directory)' && rm -f millpond.mark \
                && cp millpond.db.sound millpond.db && sqlite3 millpond.db "\(sql)"
                """)

            let report = try OfflineBuffer(directory: settings.directory).verify()
            #expect(report.damaged.map(\.cursor.sequence) == [6], "byte \(place)")
            #expect(!report.isSound)
            let buffer = try BatchBuffer(settings)
            let page = try await buffer.everything()
            #expect(page.sequences == Array(1...12))
            #expect(page.lost.map(\.reason) == [.notStored, .corruption, .notStored])
            #expect(page.lost[1].records == report.damaged.first?.records)
            #expect(try await buffer.batch(at: Cursor(epoch: epoch, sequence: 6)) == nil)
            #expect(try await buffer.seal(1).cursor.sequence == 13)
            await buffer.close()
            // It is a loss on the disk from now on, and nothing is damaged any more.
            #expect(try OfflineBuffer(directory: settings.directory).verify().isSound)
        }
        try scratch.spoil(4)
    }

    /// Sound bytes by every checksum of the frame, and not what was sealed.
    @Test func `a forged value is found by the seal`() throws {
        Books.tampered(settings.directory)
        let forged: [UInt8]
        do {
            let offline = try OfflineBuffer(directory: settings.directory)
            let batch = try #require(try offline.batch(at: Cursor(epoch: epoch, sequence: 4)))
            var columns = batch.columns
            columns.cells[0] += 1
            let digest = RecordLines(batch.columns, end: UInt8(ascii: "\n")).digest().digest
            forged = try #require(BatchCodec.encode(batch.head, digest: digest, columns))
        }
        _ = try shell(
            "sqlite3 '\(database)' \"UPDATE batch SET payload = x'\(Digest.hex(forged))' WHERE seq = 4\""
        )
        let report = try OfflineBuffer(directory: settings.directory).verify()
        #expect(report.damaged.map(\.damage) == [.seal])
    }

    @Test func `a row that lies about its batch is found`() throws {
        Books.tampered(settings.directory)
        let changes = [
            "UPDATE batch SET records = records + 1 WHERE seq = 4",
            "UPDATE batch SET sealed_ms = sealed_ms + 1 WHERE seq = 4",
            "UPDATE batch SET lines = lines + 1 WHERE seq = 4",
            "UPDATE batch SET last_ms = last_ms + 1 WHERE seq = 4",
            "UPDATE batch SET transitions = 9 WHERE seq = 4",
        ]
        let moved = [
            "UPDATE batch SET payload = (SELECT payload FROM batch WHERE seq = 3) WHERE seq = 4"
        ]
        _ = try shell("cp '\(database)' '\(database).sound'")
        for change in changes + moved {
            _ = try shell(
                "cp '\(database).sound' '\(database)' && sqlite3 '\(database)' '\(change)'")
            let report = try OfflineBuffer(directory: settings.directory).verify()
            #expect(!report.isSound, "\(change)")
            #expect(report.damaged.map(\.cursor.sequence) == (moved.contains(change) ? [4] : []))
            let row = Verification.Contradiction.row(Cursor(epoch: epoch, sequence: 4))
            #expect(report.contradictions == (moved.contains(change) ? [] : [row]), "\(change)")
        }
    }

    @Test func `a missing and a doubled sequence are found`() async throws {
        let path = settings.directory
        _ = try shell("cp -r '\(path)' '\(path).sound'")
        _ = try shell(
            """
            sqlite3 '\(database)' 'DELETE FROM batch WHERE seq = 7; \
            INSERT INTO lost VALUES (2, 3, 1, 0, 0, "buffer-limit")'
            """)
        let report = try OfflineBuffer(directory: settings.directory).verify()
        #expect(report.unaccounted == [2...2, 3...3, 7...7])
        #expect(!report.isSound)
        // Whoever reads from outside is told of the hole; a gateway cannot believe such a tree, and
        // goes on in a new epoch.
        let page = try OfflineBuffer(directory: settings.directory).reader.page(
            after: .earliest, limit: 100, maxBytes: .max)
        let hole = try #require(page.lost.first { $0.from.sequence <= 7 && $0.to.sequence >= 7 })
        #expect(hole.reason == .corruption)
        let buffer = try BatchBuffer(settings)
        #expect(buffer.epoch != report.epoch)
        #expect(try await buffer.ending(of: report.epoch) == .corruption)
        await buffer.close()
        _ = try shell("rm -rf '\(path)' && mv '\(path).sound' '\(path)'")
    }
}
