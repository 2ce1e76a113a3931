// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

/// What becomes of a buffer whose database was damaged, deleted or exchanged: it opens, in a new
/// epoch, nothing is lost unsaid, and no sequence is used twice.
@Suite(.conserving) struct ReplacementTests {
    private let scene: BufferScene

    init() throws { scene = try BufferScene() }

    @Test(arguments: [
        ("its header is noise", "dd if=/dev/urandom of=millpond.db bs=100 count=1 conv=notrunc"),
        ("it is noise", "head -c 20000 /dev/urandom > millpond.db"),
        ("it is text", "echo hello > millpond.db"),
        (
            "its schema is noise",
            "dd if=/dev/urandom of=millpond.db bs=100 seek=1 count=4 conv=notrunc"
        ),
        ("it is half of itself", "truncate -s 1536 millpond.db"),
        (
            "its pages are zeros",
            "dd if=/dev/zero of=millpond.db bs=512 seek=1 count=40 conv=notrunc"
        ),
        ("its table is gone", "sqlite3 millpond.db 'DROP TABLE lost'"),
        ("its row is gone", "sqlite3 millpond.db 'DELETE FROM meta'"),
        (
            "a sequence is beyond all",
            "sqlite3 millpond.db 'UPDATE batch SET seq = 9223372036854775807 WHERE seq = 3'"
        ),
        ("a sum is beyond all", "sqlite3 millpond.db 'UPDATE batch SET total_records = 1 << 62'"),
        (
            "a loss is before the first sequence",
            "sqlite3 millpond.db 'INSERT INTO lost VALUES (-5, -1, 0, 0, 0, \"corruption\")'"
        ),
        (
            "less than nothing is owed",
            """
            sqlite3 millpond.db \
            'INSERT INTO ended VALUES ("aaaaaaaa", 1, "missing", 0, -1, 0, NULL, 0)'
            """
        ),
    ])
    func `a database that cannot be believed goes into quarantine`(
        name: String, damage: String
    ) async throws {
        let epoch = try await scene.crash()
        _ = try shell(
            "cd '\(scene.settings.directory)' && rm -f millpond.db-wal && (\(damage)) 2>&1")
        let buffer = try scene.open()
        #expect(buffer.epoch != epoch)
        try await buffer.isSalvaged()
        let page = try await buffer.allPages()
        #expect(page.counts.read + page.counts.lost == 21, "\(page.lost)")
        #expect(try await buffer.seal(7).cursor.sequence == page.sequences.count + 1)
        #expect(try await buffer.ending(of: epoch) == .corruption)
        #expect(scene.events.all.contains { if case .replaced = $0 { true } else { false } })
        #expect(BufferDirectory.size(of: Quarantine(scene.directory, of: epoch).files.database) > 0)
        await buffer.close()
        let next = try BatchBuffer(scene.settings)
        #expect(next.newest == page.sequences.count + 1)
        await next.close()
    }

    @Test func `a database that is gone is told of, with all that was in it`() async throws {
        let epoch = try await scene.crash()
        _ = try shell("rm '\(scene.directory.database)' '\(scene.directory.log)'")
        let buffer = try scene.open()
        let page = try await buffer.allPages()
        #expect(buffer.epoch != epoch)
        #expect(page.lost.map(\.records) == [21])
        #expect(try await buffer.ending(of: epoch) == .missing)
        await buffer.close()
    }

    @Test func `a database of another epoch uses no sequence twice`() async throws {
        let epoch = try await scene.crash()
        let other = try Scratch()
        let stranger = try BatchBuffer(other.settings())
        try await stranger.register("scada", start: .earliest)
        try await stranger.seal(9)
        let strange = stranger.epoch
        await stranger.close()
        _ = try shell(
            """
            rm '\(scene.directory.log)' && cp '\(other.settings().directory)/millpond.db' \
            '\(scene.directory.database)'
            """)
        let buffer = try scene.open()
        #expect(buffer.epoch != epoch && buffer.epoch != strange)
        #expect(try await buffer.ending(of: epoch) == .missing)
        #expect(try await buffer.ending(of: strange) == .replaced)
        #expect(try await buffer.consumer("scada")?.cursor.sequence == 0)
        try await buffer.isSalvaged()
        let page = try await buffer.allPages()
        #expect(page.counts.read + page.counts.lost == 21 + 9)
        Books.count(in: scene.settings.directory) { 9 }
        await buffer.close()
    }

    /// Where the new epoch had come to nothing yet, either: the old one may have gone on elsewhere.
    @Test func `a backup beside the mark of an epoch without batches uses no sequence twice`()
        async throws
    {
        let epoch = try await scene.crash()
        let fresh = try #require(Epoch("freshone"))
        let mark = Mark(
            epoch: fresh, newest: 0, tally: Tally(), owed: 0, sealed: Timestamp(milliseconds: 0),
            readers: 0)
        _ = try shell("rm '\(scene.directory.mark)'")
        #expect(try MarkFile(scene.directory).write(mark) == 0)
        let buffer = try scene.open()
        #expect(buffer.epoch != epoch && buffer.epoch != fresh)
        #expect(try await buffer.ending(of: epoch) == .replaced)
        try await buffer.isSalvaged()
        #expect(try await buffer.allPages().counts.read == 21)
        await buffer.close()
    }

    /// Every crash within a quarantine ends in the same new epoch's beginning.
    @Test func `a crash between the steps of a quarantine`() async throws {
        let epoch = try await scene.crash()
        _ = try shell("cp -r '\(scene.settings.directory)' '\(scene.scratch.path)/before'")
        let place = Quarantine(scene.directory, of: epoch).files
        for steps in [
            "mkdir quarantine", "mkdir -p '\(place.path)'",
            "mkdir -p '\(place.path)' && touch '\(place.path)/under-way'",
            """
            mkdir -p '\(place.path)' && touch '\(place.path)/under-way' \
            && mv millpond.db '\(place.path)'
            """,
            """
            mkdir -p '\(place.path)' && touch '\(place.path)/under-way' \
            && mv millpond.db millpond.db-wal '\(place.path)'
            """,
        ] {
            _ = try shell(
                """
                cd '\(scene.scratch.path)' && rm -rf buffer && cp -r before buffer && cd buffer \
                && head -c 3000 /dev/urandom > millpond.db && \(steps)
                """)
            let buffer = try scene.open()
            #expect(buffer.epoch != epoch)
            #expect(try await buffer.ending(of: epoch) == .corruption)
            try await buffer.isSalvaged()
            let page = try await buffer.allPages()
            #expect(page.counts.read + page.counts.lost == 21)
            await buffer.close()
        }
    }

    @Test func `a running buffer goes on in a new epoch`() async throws {
        let buffer = try scene.open()
        let epoch = buffer.epoch
        try await buffer.register("mes", start: .earliest)
        for count in 1...40 { try await buffer.seal(count, at: .start + count) }
        let position = Position.after(Cursor(epoch: epoch, sequence: 3))
        _ = try await buffer.read(after: position, limit: 1, maxBytes: 1)
        let waiting = Task { try await buffer.grows(beyond: 40) }
        _ = try shell(
            """
            cd '\(scene.settings.directory)' \
            && dd if=/dev/urandom of=millpond.db bs=512 seek=1 count=200 conv=notrunc 2>&1 \
            && dd if=/dev/urandom of=millpond.db-wal bs=536 seek=1 count=200 conv=notrunc 2>&1
            """)
        // Whatever the writer has in memory is sound; a reader finds the damage.
        try await buffer.seal(41, at: .start + 41)
        try await waiting.value
        try await buffer.isSalvaged()
        let page = try await buffer.allPages()
        #expect(buffer.epoch != epoch)
        #expect(page.counts.read + page.counts.lost == 41 * 42 / 2)
        #expect(try await buffer.consumer("mes")?.cursor.sequence == 0)
        await #expect(
            throws: BufferError.otherEpoch(resume: Cursor(epoch: buffer.epoch, sequence: 0))
        ) {
            try await buffer.read(after: position, limit: 1, maxBytes: 1)
        }
        #expect(try await buffer.ending(of: epoch) == .corruption)
        await buffer.close()
    }
}
