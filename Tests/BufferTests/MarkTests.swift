// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

/// The mark's bytes, and what a verification makes of it.
@Suite(.conserving) struct MarkTests {
    private let scratch: Scratch
    private let settings: BatchBuffer.Settings
    private var directory: BufferDirectory { BufferDirectory(path: settings.directory) }

    init() throws {
        scratch = try Scratch()
        settings = scratch.settings()
    }

    private func mark(_ newest: Int64) throws -> Mark {
        Mark(
            epoch: try #require(Epoch("q7m2k9xd")), newest: newest,
            tally: Tally(produced: 1 << 40, kept: .max), owed: 7, sealed: .start, readers: 1 << 31)
    }

    @Test func `a slot reads back, and no flipped bit of it goes unnoticed`() throws {
        let first = try mark(77)
        var mark = first
        (mark.oldest, mark.first) = (70, .start)
        var slot = mark.slot(turn: 1 << 35)
        #expect(slot.count == Mark.slotSize)
        #expect(Mark(slot: slot[...]) == mark)
        #expect(Mark.turn(of: slot[...]) == 1 << 35)
        let said = slot.lastIndex { $0 != 0 } ?? 0
        for bit in 0..<(said + 1) * 8 {
            slot[bit / 8] ^= 1 << (bit % 8)
            // What the first marks did not say is not known then, and the rest is as good as ever.
            let isInFirst = bit / 8 < Mark.payload + Digest.length
            #expect(Mark(slot: slot[...]) == (isInFirst ? nil : first), "bit \(bit)")
            slot[bit / 8] ^= 1 << (bit % 8)
        }
        #expect(Mark(slot: slot[..<40]) == nil)
    }

    /// After a downgrade; what has rotted into a version does not check.
    @Test func `a newer version's mark is refused untouched`() async throws {
        let buffer = try BatchBuffer(settings)
        try await buffer.seal(3)
        await buffer.close()
        var bytes = try #require(File.bytes(of: directory.mark, most: 1_024))
        bytes[11] = 7
        try write(bytes, to: directory.mark)
        let older = try BatchBuffer(settings)
        await older.close()
        bytes = try #require(File.bytes(of: directory.mark, most: 1_024))
        let place = Mark.slotSize
        bytes[place + 11] = 7
        let end = place + Mark.payload
        let digest = bytes[place..<end].withUnsafeBytes { Digest.sha256($0) }
        bytes.replaceSubrange(end..<end + digest.count, with: digest)
        let good = try shell(
            "cd '\(settings.directory)' && cp millpond.mark ../mark && rm millpond.lock")
        #expect(good.isEmpty)
        try write(bytes, to: directory.mark)
        let before = try shell("cd '\(settings.directory)' && sha256sum * && stat -c '%n %Y' *")
        #expect(
            throws: BufferError.unusable(path: directory.mark, reason: .newerSchema(7))
        ) { try BatchBuffer(settings) }
        #expect(
            try shell("cd '\(settings.directory)' && sha256sum * && stat -c '%n %Y' *") == before)
        _ = try shell("cp '\(scratch.path)/mark' '\(directory.mark)'")
    }

    /// It could not be written, or a crash came before it.
    @Test func `a mark that is behind takes no consumer away`() async throws {
        let buffer = try BatchBuffer(settings)
        try await buffer.seal(3)
        _ = try shell("cp '\(directory.mark)' '\(scratch.path)/mark'")
        try await buffer.register("mes", start: .earliest)
        _ = try shell("cp -r '\(directory.path)' '\(scratch.path)/crashed'")
        await buffer.close()
        _ = try shell("cd '\(scratch.path)' && rm -r buffer && mv crashed buffer")
        _ = try shell("cp '\(scratch.path)/mark' '\(directory.mark)'")
        let events = Events()
        let again = try BatchBuffer(settings) { events.add($0) }
        #expect(try await again.consumers().map(\.name) == ["mes"])
        // The log may as well have lost that he was removed.
        #expect(events.all == [.consumersInDoubt([], isComplete: false)])
        await again.close()
    }

    @Test func `a torn write leaves the one before`() throws {
        try directory.create()
        for newest in 1...6 as ClosedRange<Int64> {
            let file = try MarkFile(directory)
            #expect(file.mark?.newest == (newest == 1 ? nil : newest - 1))
            #expect(file.write(try mark(newest)) == 0)
        }
        #expect(BufferDirectory.size(of: directory.mark) == 2 * Mark.slotSize)
        var bytes = try #require(File.bytes(of: directory.mark, most: 2_048))
        let newest = try [0, Mark.slotSize].first { place in
            Mark(slot: bytes[place..<place + Mark.slotSize]) == (try mark(6))
        }
        bytes[try #require(newest) + 50] ^= 1
        try write(bytes, to: directory.mark)
        #expect(try MarkFile(directory).mark?.newest == 5)
    }

    @Test func `a verification tells of what cannot all be true`() async throws {
        let buffer = try BatchBuffer(settings)
        let epoch = buffer.epoch
        try await buffer.register("mes", start: .earliest)
        try await buffer.seal(3)
        await buffer.close()
        let database = directory.database
        func found() throws -> [Verification.Contradiction] {
            let report = try OfflineBuffer(directory: settings.directory).verify()
            #expect(report.isSound == report.contradictions.isEmpty)
            return report.contradictions
        }
        #expect(try found().isEmpty)
        _ = try shell("cp '\(database)' '\(database).old'")
        let again = try BatchBuffer(settings)
        try await again.seal(4)
        await again.close()
        _ = try shell("cp '\(database)' '\(database).new' && cp '\(database).old' '\(database)'")
        #expect(try found() == [.behindMark(Cursor(epoch: epoch, sequence: 2))])
        _ = try shell("sqlite3 '\(database)' 'UPDATE meta SET epoch = \"zzzzzzzz\"'")
        #expect(try found().contains(.otherThanMark(epoch)))
        _ = try shell("cp '\(database).new' '\(database)'")
        let digest = ConsumerRow(name: "mes", sequence: 9).digest
        _ = try shell(
            "sqlite3 '\(database)' 'UPDATE consumer SET seq = 9, digest = \(digest)'")
        #expect(
            try found()
                == [.consumerBeyondNewest(name: "mes", Cursor(epoch: epoch, sequence: 9))])
        _ = try shell("sqlite3 '\(database)' 'UPDATE consumer SET seq = 1'")
        #expect(try found() == [.consumerDamaged(name: "mes")])
        _ = try shell("sqlite3 '\(database)' 'DELETE FROM consumer'")
        _ = try shell("sqlite3 '\(database)' 'UPDATE tally SET kept = 8'")
        #expect(try found() == [.books(produced: 7, kept: 8, lost: 0), .tally(8)])
        _ = try shell("cp '\(database).new' '\(database)'")
        #expect(try found().isEmpty)
        _ = try shell(
            """
            sqlite3 '\(database)' 'DELETE FROM batch WHERE seq = 1; \
            INSERT INTO lost VALUES (1, 1, 1, 0, 0, "buffer-limit")'
            """)
        #expect(try found() == [.books(produced: 7, kept: 4, lost: 1)])
        _ = try shell(
            "sqlite3 '\(database)' 'INSERT INTO ended VALUES(\"zzzzzzzz\", 9, \"missing\", 0, 5, 0, 0, 0)'"
        )
        #expect(try OfflineBuffer(directory: settings.directory).verify().owed == 5)
        _ = try shell("cp '\(database).new' '\(database)'")
    }

    /// A newer Millpond has died with its new schema in the log alone.
    @Test func `a newer schema in the log is refused, and no file is touched`() async throws {
        let buffer = try BatchBuffer(settings)
        try await buffer.seal(3)
        await buffer.close()
        let path = settings.directory
        _ = try shell(
            """
            cd '\(path)' && rm millpond.lock && mkdir ../copy && sqlite3 millpond.db \
            'PRAGMA wal_autocheckpoint = 0' 'PRAGMA user_version = 3' \
            '.shell cp millpond.db millpond.db-wal ../copy' > /dev/null \
            && cp ../copy/* . && rm -f millpond.db-shm
            """)
        let before = try shell("cd '\(path)' && sha256sum * && stat -c '%n %Y' *")
        #expect(before.contains("millpond.db-wal"))
        let error = BufferError.unusable(path: directory.database, reason: .newerSchema(3))
        #expect(throws: error) { try BatchBuffer(settings) }
        #expect(try shell("cd '\(path)' && sha256sum * && stat -c '%n %Y' *") == before)
        _ = try shell("rm '\(directory.log)'")
    }
}
