// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

/// A database that is damaged while no mark says what it held, or while its own tables say so wrongly:
/// its pages alone tell.
@Suite(.conserving) struct UnmarkedTests {
    private let scene: BufferScene

    init() throws { scene = try BufferScene() }

    /// Overwrites a place of the database.
    private func overwrite(_ bytes: [UInt8], at place: Int) throws {
        let file = Glibc.open(scene.directory.database, O_RDWR)
        try #require(file >= 0)
        defer { close(file) }
        try #require(pwrite(file, bytes, bytes.count, off_t(place)) == bytes.count)
    }

    /// Batches of 1, 2, 3 … records.
    private func fill(_ buffer: BatchBuffer, _ numbers: ClosedRange<Int>) async throws {
        for count in numbers { try await buffer.seal(count, at: .start + count) }
    }

    @Test func `without a mark the pages tell what there was`() async throws {
        let buffer = try BatchBuffer(scene.settings)
        try await buffer.register("mes", start: .earliest)
        try await fill(buffer, 1...36)
        await buffer.close()
        try #require(unlink(scene.directory.mark) == 0)
        // The bytes of a page that SQLite leaves free: no page can be read with any of them.
        try overwrite([3], at: 20)
        let again = try scene.open()
        #expect(again.epoch != buffer.epoch)
        #expect(try await again.ending(of: buffer.epoch) == .corruption)
        try await again.isSalvaged()
        let page = try await again.allPages()
        #expect(page.counts == (read: 36 * 37 / 2, lost: 0))
        #expect(page.batches.allSatisfy { $0.head.salvaged?.epoch == buffer.epoch })
        #expect(try await again.consumers().map(\.name) == ["mes"])
        let ended = scene.events.all.compactMap { event in
            if case .replaced(let ended, _) = event { ended } else { nil }
        }
        #expect(ended.map(\.owed) == [36 * 37 / 2])
        #expect(ended.map(\.newest) == [36])
        await again.close()
    }

    @Test func `of a database that tells nothing that is said`() async throws {
        let buffer = try BatchBuffer(scene.settings)
        try await fill(buffer, 1...3)
        await buffer.close()
        try #require(unlink(scene.directory.mark) == 0)
        let size = BufferDirectory.size(of: scene.directory.database)
        try overwrite([UInt8](repeating: 0xA5, count: size - 100), at: 100)
        let again = try scene.open()
        let path = scene.directory.quarantine + "/unknown"
        #expect(scene.events.all == [.unrecognised(path: path), .markMade])
        #expect(BufferDirectory.size(of: path + "/millpond.db") == size)
        // Nobody knows what was in it: the books cannot, either.
        Books.count(in: scene.settings.directory) { -6 }
        await again.close()
    }

    /// Removed batches still lie on free pages, and what says that they have gone is damaged.
    @Test func `what had gone does not come back, and nothing goes for it`() async throws {
        var settings = scene.settings
        settings.keepAcknowledged = .zero
        let buffer = try BatchBuffer(settings)
        try await buffer.register("mes", start: .earliest)
        try await fill(buffer, 1...52)
        try await buffer.acknowledge(
            Cursor(epoch: buffer.epoch, sequence: 41), for: "mes", ifMatch: nil)
        while try await buffer.state().oldest < 42 { try await buffer.interrupt(after: 0) }
        await buffer.close()
        let bytes = try #require(File.bytes(of: scene.directory.database, most: .max))
        let word = Array("acknowledged".utf8)
        let pages = stride(from: Store.pageSize, to: bytes.count, by: Store.pageSize).filter {
            bytes[$0..<$0 + Store.pageSize].windows(of: word.count).contains {
                $0.elementsEqual(word)
            }
        }
        try #require(!pages.isEmpty)
        for page in pages {
            try overwrite([UInt8](repeating: 0, count: Store.pageSize), at: page)
        }
        let again = try scene.open()
        try await again.isSalvaged()
        let page = try await again.allPages()
        #expect(page.batches.compactMap(\.head.salvaged?.sequence) == Array(42...52))
        #expect(page.counts.lost == 0)
        let gone = 41 * 42 / 2
        Books.count(in: scene.settings.directory) { -gone }
        await again.close()
    }

    @Test func `who comes back is owed what had been read before`() async throws {
        let buffer = try BatchBuffer(scene.settings)
        try await buffer.register("mes", start: .earliest)
        try await fill(buffer, 1...20)
        try await buffer.acknowledge(
            Cursor(epoch: buffer.epoch, sequence: 20), for: "mes", ifMatch: nil)
        _ = try await buffer.remove("mes")
        try await buffer.register("mes", start: .earliest)
        _ = try shell("cp -r '\(scene.directory.path)' '\(scene.scratch.path)/crashed'")
        await buffer.close()
        _ = try shell("cd '\(scene.scratch.path)' && rm -r buffer && mv crashed buffer")
        try overwrite([UInt8](repeating: 0, count: Store.pageSize), at: 0)
        let again = try scene.open()
        try await again.isSalvaged()
        #expect(try await again.allPages().counts == (read: 20 * 21 / 2, lost: 0))
        await again.close()
    }

    /// As the first databases of schema 2 and their marks were.
    @Test func `a mark and a table that say less are as good`() async throws {
        let buffer = try BatchBuffer(scene.settings)
        try await fill(buffer, 1...3)
        await buffer.close()
        _ = try shell("sqlite3 '\(scene.directory.database)' 'ALTER TABLE ended DROP first_ms'")
        var bytes = try #require(File.bytes(of: scene.directory.mark, most: 2 * Mark.slotSize))
        let more = Mark.payload + Digest.length
        for slot in [0, Mark.slotSize] {
            for place in slot + more..<slot + Mark.slotSize { bytes[place] = 0 }
        }
        try write(bytes, to: scene.directory.mark)
        let again = try scene.open()
        #expect(again.epoch == buffer.epoch && scene.events.all == [])
        #expect(try await again.allPages().counts == (read: 6, lost: 0))
        await again.close()
        #expect(try OfflineBuffer(directory: scene.directory.path).verify().isSound)
    }

    @Test func `a debt that has rotted is no loss`() async throws {
        _ = try await scene.crash()
        try overwrite([UInt8](repeating: 0, count: Store.pageSize), at: 0)
        let buffer = try scene.open()
        try await buffer.isSalvaged()
        let page = try await buffer.allPages()
        await buffer.close()
        _ = try shell("sqlite3 '\(scene.directory.database)' 'UPDATE ended SET owed = 1 << 50'")
        let again = try scene.open()
        #expect(try await again.state().owedRecords == 0)
        #expect(try await again.allPages().counts == page.counts)
        try await fill(again, 7...8)
        await again.close()
    }
}

extension Collection {
    /// All runs of so many elements.
    fileprivate func windows(of count: Int) -> some Sequence<SubSequence> {
        indices.lazy.compactMap { start in
            index(start, offsetBy: count, limitedBy: endIndex).map { self[start..<$0] }
        }
    }
}
