// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

/// What becomes of a buffer whose log or mark was damaged or deleted: it opens, nothing is lost
/// unsaid, no sequence is used twice, and the epoch goes on.
@Suite(.conserving) struct RecoveryTests {
    private let scene: BufferScene

    init() throws { scene = try BufferScene() }

    @Test func `a log that has lost its tail is found by the mark`() async throws {
        let epoch = try await scene.crash()
        let commits = try frames().filter(\.isCommit)
        try #require(commits.count == 3)
        // The log ends behind its first commit: SQLite sees nothing unusual.
        _ = try shell("truncate -s \(commits[0].offset + 512) '\(scene.directory.log)'")
        let buffer = try scene.open()
        #expect(buffer.epoch == epoch)
        let page = try await buffer.allPages()
        #expect(page.sequences == Array(1...6))
        #expect(page.lost.map(\.records) == [5 + 6])
        #expect(page.lost.map(\.reason) == [.corruption])
        #expect(scene.events.all == page.lost.map(BufferEvent.tailLost))
        #expect(try await buffer.seal(7).cursor.sequence == 7)
        await buffer.close()
        await (try scene.open()).close()
        #expect(scene.events.all.count == 1, "it is told once")
    }

    @Test func `a flipped bit in the log is rot, and what follows it comes back`() async throws {
        let epoch = try await scene.crash()
        try flip(scene.directory.log, at: 32 + 24 + 100)
        let buffer = try scene.open()
        #expect(buffer.epoch == epoch)
        let page = try await buffer.allPages()
        #expect(page.sequences == Array(1...6))
        #expect(page.counts.read == 21)
        #expect(scene.events.all == [.logDamaged(commits: 3)])
        #expect(try await buffer.seal(7).cursor.sequence == 7)
        await buffer.close()
    }

    /// Of batches without a trace the mark tells when the last of them was sealed, and nobody when
    /// the first.
    @Test func `a log that is gone before it was ever worked off is lost at the mark's time`()
        async throws
    {
        let buffer = try BatchBuffer(scene.settings)
        try await buffer.seal(3, at: .start + 10)
        try await buffer.seal(4, at: .start + 20)
        var copy = scene.settings
        copy.directory = scene.scratch.path + "/copy"
        _ = try shell(
            """
            cp -r '\(scene.settings.directory)' '\(copy.directory)' \
            && rm '\(copy.directory)'/*-wal
            """
        )
        await buffer.close()
        Books.count(in: copy.directory) { 7 }
        let opened = try BatchBuffer(copy)
        let lost = try await opened.everything().lost
        #expect(lost.map(\.records) == [7])
        #expect(lost.first?.first == .start + 20 && lost.first?.last == .start + 20)
        await opened.close()
    }

    @Test func `a torn last write is nothing`() async throws {
        _ = try await scene.crash()
        let buffer = try BatchBuffer(scene.settings)
        try await buffer.seal(7)
        let before = try #require(try frames().last).offset + Store.pageSize
        let mark = scene.scratch.path + "/mark"
        _ = try shell("cp '\(scene.directory.mark)' '\(mark)'")
        try await buffer.seal(8)
        let copy = scene.scratch.path + "/torn"
        _ = try shell(
            "cp -r '\(scene.settings.directory)' '\(copy)' && cp '\(mark)' '\(copy)/millpond.mark'")
        await buffer.close()
        let log = copy + "/millpond.db-wal"
        try flip(log, at: before + 24 + 5)
        var torn = scene.settings
        torn.directory = copy
        let opened = try BatchBuffer(torn) { scene.events.add($0) }
        #expect(try await opened.allPages().sequences == Array(1...7))
        #expect(scene.events.all.isEmpty)
        #expect(try await opened.seal(8).cursor.sequence == 8)
        Books.count(in: copy) { 21 + 7 }
        await opened.close()
    }

    /// To close any descriptor of a file gives up all of the process' locks on it.
    @Test func `to open again takes no lock from those who read`() throws {
        let store = try Store(scene.settings, boot: "")
        let reader = try Reader(scene.directory)
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
        try shell("grep POSIX /proc/locks | grep \":$(stat -c %i '\(scene.directory.database)') \"")
    }

    @Test(arguments: [
        "rm millpond.mark", "head -c 1024 /dev/urandom > millpond.mark", ": > millpond.mark",
    ])
    func `a mark that says nothing is made anew`(damage: String) async throws {
        let epoch = try await scene.crash()
        _ = try shell("cd '\(scene.settings.directory)' && \(damage)")
        let buffer = try scene.open()
        #expect(buffer.epoch == epoch)
        #expect(scene.events.all == [.markMade])
        #expect(try await buffer.allPages().sequences == Array(1...6))
        await buffer.close()
        #expect(try MarkFile(scene.directory).mark?.newest == 6)
    }

    /// The log's, up to its last commit.
    private func frames() throws -> [LogFrames.Frame] {
        let log = try #require(File.bytes(of: scene.directory.log, most: LogFrames.maxBytes))
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
