// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Synchronization
import Testing

@testable import Buffer

/// What becomes of a buffer whose files were damaged, deleted or exchanged: it opens, nothing is
/// lost unsaid, no sequence is used twice, and the epoch changes if and only if data was replaced.
@Suite(.conserving) struct RecoveryTests {
    private let scratch: Scratch
    private let settings: BatchBuffer.Settings
    private let events = Events()
    private var directory: BufferDirectory { BufferDirectory(path: settings.directory) }

    init() throws {
        scratch = try Scratch()
        settings = scratch.settings()
    }

    /// Six batches of 1 to 6 records, of which the last three are in the log alone; as a crash leaves
    /// it.
    private func crash() async throws -> Epoch {
        let buffer = try BatchBuffer(settings)
        let epoch = buffer.epoch
        try await buffer.register("mes", start: .earliest)
        for count in 1...3 { try await buffer.seal(count, at: .start + count) }
        await buffer.close()
        let again = try BatchBuffer(settings)
        for count in 4...6 { try await again.seal(count, at: .start + count) }
        let copy = scratch.path + "/crashed"
        _ = try shell("cp -r '\(settings.directory)' '\(copy)'")
        await again.close()
        _ = try shell("rm -rf '\(settings.directory)' && mv '\(copy)' '\(settings.directory)'")
        return epoch
    }

    private func open() throws -> BatchBuffer {
        try BatchBuffer(settings) { [events] event in events.add(event) }
    }

    @Test func `a log that has lost its tail is found by the mark`() async throws {
        let epoch = try await crash()
        let commits = try frames().filter(\.isCommit)
        try #require(commits.count == 3)
        // The log ends behind its first commit: SQLite sees nothing unusual.
        _ = try shell("truncate -s \(commits[0].offset + 512) '\(directory.log)'")
        let buffer = try open()
        #expect(buffer.epoch == epoch)
        let page = try await buffer.allPages()
        #expect(page.sequences == Array(1...6))
        #expect(page.lost.map(\.records) == [5 + 6])
        #expect(page.lost.map(\.reason) == [.corruption])
        #expect(events.all == page.lost.map(BufferEvent.tailLost))
        #expect(try await buffer.seal(7).cursor.sequence == 7)
        await buffer.close()
        await (try open()).close()
        #expect(events.all.count == 1, "it is told once")
    }

    @Test func `a flipped bit in the log is rot, and what follows it comes back`() async throws {
        let epoch = try await crash()
        try flip(directory.log, at: 32 + 24 + 100)
        let buffer = try open()
        #expect(buffer.epoch == epoch)
        let page = try await buffer.allPages()
        #expect(page.sequences == Array(1...6))
        #expect(page.counts.read == 21)
        #expect(events.all == [.logDamaged(commits: 3)])
        #expect(try await buffer.seal(7).cursor.sequence == 7)
        await buffer.close()
    }

    /// Of batches without a trace the mark tells when the last of them was sealed, and nobody when
    /// the first.
    @Test func `a log that is gone before it was ever worked off is lost at the mark's time`()
        async throws
    {
        let buffer = try BatchBuffer(settings)
        try await buffer.seal(3, at: .start + 10)
        try await buffer.seal(4, at: .start + 20)
        var copy = settings
        copy.directory = scratch.path + "/copy"
        _ = try shell(
            "cp -r '\(settings.directory)' '\(copy.directory)' && rm '\(copy.directory)'/*-wal")
        await buffer.close()
        Books.count(in: copy.directory) { 7 }
        let opened = try BatchBuffer(copy)
        let lost = try await opened.everything().lost
        #expect(lost.map(\.records) == [7])
        #expect(lost.first?.first == .start + 20 && lost.first?.last == .start + 20)
        await opened.close()
    }

    @Test func `a torn last write is nothing`() async throws {
        _ = try await crash()
        let buffer = try BatchBuffer(settings)
        try await buffer.seal(7)
        let before = try #require(try frames().last).offset + Store.pageSize
        let mark = scratch.path + "/mark"
        _ = try shell("cp '\(directory.mark)' '\(mark)'")
        try await buffer.seal(8)
        let copy = scratch.path + "/torn"
        _ = try shell(
            "cp -r '\(settings.directory)' '\(copy)' && cp '\(mark)' '\(copy)/millpond.mark'")
        await buffer.close()
        let log = copy + "/millpond.db-wal"
        try flip(log, at: before + 24 + 5)
        var torn = settings
        torn.directory = copy
        let opened = try BatchBuffer(torn) { [events] event in events.add(event) }
        #expect(try await opened.allPages().sequences == Array(1...7))
        #expect(events.all.isEmpty)
        #expect(try await opened.seal(8).cursor.sequence == 8)
        Books.count(in: copy) { 21 + 7 }
        await opened.close()
    }

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
            'INSERT INTO ended VALUES ("aaaaaaaa", 1, "missing", 0, -1, 0, NULL)'
            """
        ),
    ])
    func `a database that cannot be believed goes into quarantine`(
        name: String, damage: String
    ) async throws {
        let epoch = try await crash()
        _ = try shell("cd '\(settings.directory)' && rm -f millpond.db-wal && (\(damage)) 2>&1")
        let buffer = try open()
        #expect(buffer.epoch != epoch)
        try await buffer.isSalvaged()
        let page = try await buffer.allPages()
        #expect(page.counts.read + page.counts.lost == 21, "\(page.lost)")
        #expect(try await buffer.seal(7).cursor.sequence == page.sequences.count + 1)
        #expect(try await buffer.ending(of: epoch) == .corruption)
        #expect(events.all.contains { if case .replaced = $0 { true } else { false } })
        #expect(BufferDirectory.size(of: Quarantine(directory, of: epoch).files.database) > 0)
        await buffer.close()
        let next = try BatchBuffer(settings)
        #expect(next.newest == page.sequences.count + 1)
        await next.close()
    }

    @Test func `a database that is gone is told of, with all that was in it`() async throws {
        let epoch = try await crash()
        _ = try shell("rm '\(directory.database)' '\(directory.log)'")
        let buffer = try open()
        let page = try await buffer.allPages()
        #expect(buffer.epoch != epoch)
        #expect(page.lost.map(\.records) == [21])
        #expect(try await buffer.ending(of: epoch) == .missing)
        await buffer.close()
    }

    @Test func `a database of another epoch uses no sequence twice`() async throws {
        let epoch = try await crash()
        let other = try Scratch()
        let stranger = try BatchBuffer(other.settings())
        try await stranger.register("scada", start: .earliest)
        try await stranger.seal(9)
        let strange = stranger.epoch
        await stranger.close()
        _ = try shell(
            """
            rm '\(directory.log)' && cp '\(other.settings().directory)/millpond.db' \
            '\(directory.database)'
            """)
        let buffer = try open()
        #expect(buffer.epoch != epoch && buffer.epoch != strange)
        #expect(try await buffer.ending(of: epoch) == .missing)
        #expect(try await buffer.ending(of: strange) == .replaced)
        #expect(try await buffer.consumer("scada")?.cursor.sequence == 0)
        try await buffer.isSalvaged()
        let page = try await buffer.allPages()
        #expect(page.counts.read + page.counts.lost == 21 + 9)
        Books.count(in: settings.directory) { 9 }
        await buffer.close()
    }

    /// Where the new epoch had come to nothing yet, either: the old one may have gone on elsewhere.
    @Test func `a backup beside the mark of an epoch without batches uses no sequence twice`()
        async throws
    {
        let epoch = try await crash()
        let fresh = try #require(Epoch("freshone"))
        let mark = Mark(
            epoch: fresh, newest: 0, tally: Tally(), owed: 0, sealed: Timestamp(milliseconds: 0),
            readers: 0)
        _ = try shell("rm '\(directory.mark)'")
        #expect(try MarkFile(directory).write(mark) == 0)
        let buffer = try open()
        #expect(buffer.epoch != epoch && buffer.epoch != fresh)
        #expect(try await buffer.ending(of: epoch) == .replaced)
        try await buffer.isSalvaged()
        #expect(try await buffer.allPages().counts.read == 21)
        await buffer.close()
    }

    /// To close any descriptor of a file gives up all of the process' locks on it.
    @Test func `to open again takes no lock from those who read`() throws {
        let store = try Store(settings, boot: "")
        let reader = try Reader(directory)
        #expect(try reader.stream.newest() == 0)
        store.database.leaveLog()
        store.held = nil
        #expect(try !locks().isEmpty)
        try store.steadily { () throws(BufferError) in }
        #expect(try !locks().isEmpty)
        #expect(try reader.stream.newest() == 0)
    }

    /// What the kernel says of locks on the database (proc(5), "/proc/locks").
    private func locks() throws -> String {
        try shell("grep POSIX /proc/locks | grep \":$(stat -c %i '\(directory.database)') \"")
    }

    @Test(arguments: [
        "rm millpond.mark", "head -c 1024 /dev/urandom > millpond.mark", ": > millpond.mark",
    ])
    func `a mark that says nothing is made anew`(damage: String) async throws {
        let epoch = try await crash()
        _ = try shell("cd '\(settings.directory)' && \(damage)")
        let buffer = try open()
        #expect(buffer.epoch == epoch)
        #expect(events.all == [.markMade])
        #expect(try await buffer.allPages().sequences == Array(1...6))
        await buffer.close()
        #expect(try MarkFile(directory).mark?.newest == 6)
    }

    /// Every crash within a quarantine ends in the same new epoch's beginning.
    @Test func `a crash between the steps of a quarantine`() async throws {
        let epoch = try await crash()
        _ = try shell("cp -r '\(settings.directory)' '\(scratch.path)/before'")
        let place = Quarantine(directory, of: epoch).files
        for steps in [
            "mkdir quarantine", "mkdir -p '\(place.path)'",
            "mkdir -p '\(place.path)' && mv millpond.db '\(place.path)'",
            "mkdir -p '\(place.path)' && mv millpond.db millpond.db-wal '\(place.path)'",
        ] {
            _ = try shell(
                """
                cd '\(scratch.path)' && rm -rf buffer && cp -r before buffer && cd buffer \
                && head -c 3000 /dev/urandom > millpond.db && \(steps)
                """)
            let buffer = try open()
            #expect(buffer.epoch != epoch)
            #expect(try await buffer.ending(of: epoch) == .corruption)
            try await buffer.isSalvaged()
            let page = try await buffer.allPages()
            #expect(page.counts.read + page.counts.lost == 21)
            await buffer.close()
        }
    }

    @Test func `a running buffer goes on in a new epoch`() async throws {
        let buffer = try open()
        let epoch = buffer.epoch
        try await buffer.register("mes", start: .earliest)
        for count in 1...40 { try await buffer.seal(count, at: .start + count) }
        let position = Position.after(Cursor(epoch: epoch, sequence: 3))
        _ = try await buffer.read(after: position, limit: 1, maxBytes: 1)
        let waiting = Task { try await buffer.grows(beyond: 40) }
        _ = try shell(
            """
            cd '\(settings.directory)' \
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

    /// The log's, up to its last commit.
    private func frames() throws -> [LogFrames.Frame] {
        let log = try #require(File.bytes(of: directory.log, most: LogFrames.maxBytes))
        return LogFrames(log, pageSize: Store.pageSize).frames
    }

    private func flip(_ path: String, at place: Int) throws {
        let file = Glibc.open(path, O_RDWR)
        try #require(file >= 0)
        defer { close(file) }
        var byte: UInt8 = 0
        try #require(pread(file, &byte, 1, off_t(place)) == 1)
        byte ^= 4
        try #require(pwrite(file, &byte, 1, off_t(place)) == 1)
    }
}

extension BatchBuffer {
    /// All that the stream has, what is lost behind the newest batch included.
    func allPages() async throws -> Page {
        var all = try await everything()
        while all.more {
            let next = try await everything(after: .after(all.next))
            all = Page(items: all.items + next.items, next: next.next, more: next.more)
        }
        return all
    }
}

/// What a buffer has told.
final class Events: Sendable {
    private let told = Mutex<[BufferEvent]>([])

    var all: [BufferEvent] { told.withLock(\.self) }

    func add(_ event: BufferEvent) { told.withLock { $0.append(event) } }
}
