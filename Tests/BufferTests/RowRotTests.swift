// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Synchronization
import Testing

@testable import Buffer

/// A batch is what its bytes say: rot in its row, and a bad moment of the disk, cost nothing.
@Suite(.conserving) struct RowRotTests {
    /// Flips some bits of a sound buffer, one at a time: what SQLite can still read whole is
    /// delivered, whatever became of its row; each record is read or told as lost; and after one
    /// pass of the scrub the buffer verifies.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `no flipped bit costs a batch that is whole, or a count`(seed: UInt64) async throws {
        let scratch = try Scratch()
        let epoch = try await SmallBuffer.fill(scratch)
        let path = scratch.path
        let truth = try scratch.truth("buffer")
        let before = try OfflineBuffer(directory: path + "/buffer").verify()
        let produced = before.records + before.lost.reduce(0) { $0 + $1.records }
        let damaged = try #require(scratch.damaged("buffer"))
        let places = damaged.sound(damaged.scanned(after: 0), epoch).places
        var settings = scratch.settings()
        settings.directory = path + "/flipped"
        var random = Seeded(seed)
        for _ in 0..<60 {
            let bit = try ScrubTests.bit(in: places, &random)
            _ = try shell("cd '\(path)' && rm -rf flipped && cp -r buffer flipped")
            let file = open(path + "/flipped/millpond.db", O_RDWR)
            try flip(bit, of: file)
            close(file)
            let whole = try? scratch.truth("flipped").batches.filter { truth.batches[$0] == $1 }
            let buffer = try BatchBuffer(settings)
            try await see(to: ScrubTests.scrub(settings.directory, buffer.epoch), in: buffer)
            try await buffer.isSalvaged()
            let page = try await buffer.allPages()
            let told = "seed \(seed), bit \(bit): \(page.lost) \(buffer.events)"
            #expect(page.counts.read + page.counts.lost == produced, "\(told)")
            let read = Set(page.batches.map { ($0.head.salvaged ?? $0.head.cursor).sequence })
            #expect(read.isSuperset(of: (whole ?? [:]).keys), "\(told)")
            await buffer.close()
            let report = try OfflineBuffer(directory: settings.directory).verify()
            // What SQLite says of free space in a page is true, and costs nothing.
            #expect(report.damaged.isEmpty && report.unaccounted.isEmpty, "\(told)")
            #expect(report.contradictions.isEmpty, "\(told) \(report.contradictions)")
        }
    }

    private func see(to found: [Scrub.Finding], in buffer: BatchBuffer) async throws {
        for finding in found {
            try await buffer.write { store throws(BufferError) in try store.see(to: finding) }
        }
    }

    @Test(arguments: [
        "records = 0", "records = records + 1", "readings = 0", "sealed_ms = 7", "first_ms = 7",
        "last_ms = 7", "transitions = 1 - transitions", "gathered_ms = 1",
    ])
    func `a row that lies is mended by who reads it`(lie: String) async throws {
        let scratch = try Scratch()
        var buffer = try BatchBuffer(scratch.settings())
        for number in 0..<6 { try await buffer.seal(30, at: .start + number) }
        let cursor = Cursor(epoch: buffer.epoch, sequence: 3)
        await buffer.close()
        let database = scratch.path + "/buffer/millpond.db"
        _ = try shell("sqlite3 '\(database)' 'UPDATE batch SET \(lie) WHERE seq = 3'")
        buffer = try BatchBuffer(scratch.settings())
        let page = try await buffer.everything()
        #expect(page.counts == (180, 0))
        #expect(buffer.events == [.rowMended(cursor)])
        #expect(try await buffer.everything().counts == (180, 0))
        #expect(buffer.events.count == 1, "it is told once")
        await buffer.close()
    }

    /// The reader's first look finds the bytes damaged, and the writer's does not.
    @Test func `what was read in a bad moment is not told as lost`() async throws {
        let scratch = try Scratch()
        var buffer = try BatchBuffer(scratch.settings())
        for number in 0..<6 { try await buffer.seal(30, at: .start + number) }
        await buffer.close()
        let bad = try #require(try Self.badBit(of: 3, in: scratch))
        buffer = try BatchBuffer(scratch.settings())
        try bad.toggle()
        let damage = Mutex(0)
        let result = try await buffer.readBatches { reader throws(BufferError) in
            let page = try reader.page(after: .earliest, limit: 100, maxBytes: .max)
            let isFirst = damage.withLock { count in
                defer { count += 1 }
                return count == 0
            }
            if isFirst {
                #expect(page.sequences == [1, 2])
                try? bad.toggle()
            }
            return page
        }
        #expect(damage.withLock { $0 } == 2)
        #expect(result.counts == (180, 0))
        #expect(try await buffer.state().lost == [:])
        #expect(buffer.events.isEmpty)
        await buffer.close()
    }

    /// A bit of a batch's payload in the file, of whose pages there may be stale copies.
    private static func badBit(of sequence: Int64, in scratch: Scratch) throws -> Flip? {
        let path = scratch.path + "/buffer/millpond.db"
        let payload = try #require(try scratch.truth("buffer").batches[sequence])
        let bytes = try #require(File.bytes(of: path, most: 1 << 20))
        for start in stride(from: 0, to: payload.count - 8, by: 8) {
            for place in bytes.ranges(of: payload[start..<start + 8]) {
                let flip = Flip(path: path, bit: place.lowerBound * 8)
                try flip.toggle()
                defer { try? flip.toggle() }
                if try scratch.truth("buffer").batches[sequence] != payload { return flip }
            }
        }
        return nil
    }

    /// The writer has replaced the database, and its readers have not been told yet.
    @Test func `a reader tells the epoch that it reads`() async throws {
        let scratch = try Scratch()
        let buffer = try BatchBuffer(scratch.settings())
        try await buffer.seal(3)
        let present = buffer.epoch
        await buffer.close()
        let former = try #require(Epoch("abcdefgh"))
        let reader = try Reader(BufferDirectory(path: scratch.path + "/buffer"))
        let resume = Cursor(epoch: present, sequence: 0)
        #expect(throws: BufferError.otherEpoch(resume: resume)) {
            try reader.follow(former) { (reader) throws(BufferError) in
                try reader.page(
                    after: .after(Cursor(epoch: former, sequence: 0)), limit: 9, maxBytes: .max)
            }
        }
        let page = try reader.follow(former) { (reader) throws(BufferError) in
            try reader.page(after: .earliest, limit: 9, maxBytes: .max)
        }
        #expect(page.counts == (3, 0))
        #expect(page.next == Cursor(epoch: present, sequence: 1))
    }
}

/// A bit of a file that is wrong, or right again.
private struct Flip {
    let path: String
    let bit: Int

    func toggle() throws {
        let file = open(path, O_RDWR)
        defer { close(file) }
        try flip(bit, of: file)
    }
}
