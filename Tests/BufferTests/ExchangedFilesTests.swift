// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

/// Files of a buffer that are another's, or gone, while the rest of them is whole.
@Suite(.conserving) struct ExchangedFilesTests {
    private let scene: BufferScene

    init() throws { scene = try BufferScene() }

    /// Batches of 1, 2, 3 … records: the files as a stop or, in `crashed`, as a crash leaves them.
    private func fill(_ settings: BatchBuffer.Settings, _ batches: Int) async throws -> Epoch {
        let buffer = try BatchBuffer(settings)
        for count in 1...batches { try await buffer.seal(count, at: .start + count) }
        _ = try shell("cp -r '\(settings.directory)' '\(settings.directory)-crashed'")
        await buffer.close()
        return buffer.epoch
    }

    private func crash(_ batches: Int) async throws -> Epoch {
        let epoch = try await fill(scene.settings, batches)
        _ = try shell(
            """
            rm -r '\(scene.directory.path)' \
            && mv '\(scene.directory.path)-crashed' '\(scene.directory.path)'
            """
        )
        return epoch
    }

    @Test func `another buffer's log beside a database does it no harm`() async throws {
        let epoch = try await fill(scene.settings, 23)
        let other = try Scratch()
        let strange = try await fill(other.settings(), 40)
        _ = try shell("cp '\(other.path)/buffer-crashed/millpond.db-wal' '\(scene.directory.log)'")
        let buffer = try scene.open()
        #expect(buffer.epoch == epoch)
        #expect(scene.events.all == [.logForeign(strange)])
        #expect(try await buffer.allPages().counts.read == 23 * 24 / 2)
        #expect(try await buffer.seal(24).cursor.sequence == 24)
        await buffer.close()
        #expect(
            BufferDirectory.size(of: scene.directory.quarantine + "/foreign/millpond.db-wal") > 0)
        #expect(BufferDirectory.size(of: scene.directory.log) == 0)
    }

    @Test func `our log beside another buffer's database comes back`() async throws {
        let epoch = try await crash(12)
        let other = try Scratch()
        _ = try await fill(other.settings(), 3)
        _ = try shell(
            "cp '\(other.settings().directory)/millpond.db' '\(scene.directory.database)'")
        let buffer = try scene.open()
        #expect(try await buffer.ending(of: epoch) == .replaced)
        try await buffer.isSalvaged()
        let page = try await buffer.allPages()
        #expect(page.counts == (read: 12 * 13 / 2, lost: 0))
        await buffer.close()
    }

    /// It had been moved into quarantine, and a power cut came before the next one was made.
    @Test func `another buffer's database whose replacement a crash ended comes back`() async throws
    {
        let epoch = try await fill(scene.settings, 12)
        let other = try Scratch()
        let strange = try await fill(other.settings(), 7)
        let quarantine = "\(scene.directory.quarantine)/\(strange.text)"
        _ = try shell(
            """
            cd '\(scene.directory.path)' && rm millpond.db* && mkdir -p '\(quarantine)' \
            && touch '\(quarantine)/under-way' \
            && cp '\(other.settings().directory)/millpond.db' '\(quarantine)/'
            """)
        let buffer = try scene.open()
        #expect(try await buffer.ending(of: epoch) == .missing)
        #expect(try await buffer.ending(of: strange) == .replaced)
        try await buffer.isSalvaged()
        #expect(try await buffer.allPages().counts == (read: 7 * 8 / 2, lost: 12 * 13 / 2))
        await buffer.close()
        #expect(access(quarantine + "/under-way", F_OK) != 0)
        Books.count(in: scene.settings.directory) { 7 * 8 / 2 }
    }

    @Test(arguments: ["rm millpond.db", "truncate -s 0 millpond.db"])
    func `a log without its database is salvaged`(damage: String) async throws {
        let epoch = try await crash(27)
        _ = try shell("cd '\(scene.directory.path)' && \(damage)")
        let buffer = try scene.open()
        #expect(buffer.epoch != epoch)
        try await buffer.isSalvaged()
        let page = try await buffer.allPages()
        #expect(page.counts == (read: 27 * 28 / 2, lost: 0))
        #expect(page.batches.allSatisfy { $0.head.salvaged?.epoch == epoch })
        await buffer.close()
    }
}
