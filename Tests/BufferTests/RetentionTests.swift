// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

@Suite(.conserving) struct RetentionTests {
    /// What has been produced, and what a reader has of it.
    private struct Ledger {
        var produced = 0
        var sealed: Int64 = 0
    }

    private static let noise: [UInt8] = {
        var random = Seeded(1)
        return (0..<100_000).map { _ in UInt8.random(in: 33...126, using: &random) }
    }()

    /// Batches of ten records of hardly compressible text, about 4 KB stored.
    private static func seal(
        _ count: Int, in buffer: BatchBuffer, _ ledger: inout Ledger
    ) async throws {
        var random = Seeded(UInt64(ledger.sealed))
        for _ in 0..<count {
            let time = Timestamp.start + Int(ledger.sealed) * 10
            let records = (0..<10).map { _ in
                let start = Int.random(in: 0...noise.count - 500, using: &random)
                let text = String(decoding: noise[start..<start + 500], as: UTF8.self)
                return Record.reading(
                    Reading(signal: counter, time: time, content: .good(.text(text))))
            }
            try await buffer.seal(records, at: time)
            ledger.produced += records.count
            ledger.sealed += 1
        }
    }

    @Test func `the limit takes the oldest, and every record is accounted for`() async throws {
        let scratch = try Scratch()
        let settings = scratch.settings(limit: 1 << 20)
        var buffer = try BatchBuffer(settings)
        var ledger = Ledger()
        for _ in 0..<8 {
            try await Self.seal(50, in: buffer, &ledger)
            let page = try await buffer.everything()
            #expect(page.sequences == Array(1...ledger.sealed))
            #expect(page.counts.read + page.counts.lost == ledger.produced)
            #expect(page.lost.count <= 1)
            #expect(page.lost.allSatisfy { $0.reason == .bufferLimit })
            #expect(page.lost.allSatisfy { $0.first == .start })
            let state = try await buffer.state()
            #expect(state.bytes <= settings.limit)
            #expect(state.lostRecords == page.counts.lost)
            #expect(state.lostToLimit == state.lostRecords)
            #expect(state.batches == page.batches.count)
            #expect(state.readings == page.counts.read)
            await buffer.close()
            #expect(BufferDirectory.size(of: settings.directory + "/millpond.db") <= 1 << 20)
            buffer = try BatchBuffer(settings)
            #expect(buffer.newest == ledger.sealed)
        }
        #expect(try await buffer.state().lostRecords > 1_500)
        // It is used well: the limit is not reached early either.
        #expect(try await buffer.state().bytes > 900_000)
        await buffer.close()
    }

    @Test func `a reader in the middle of what was taken is told exactly the rest`() async throws {
        let scratch = try Scratch()
        let buffer = try BatchBuffer(scratch.settings(limit: 1 << 20))
        var ledger = Ledger()
        try await Self.seal(300, in: buffer, &ledger)
        for read in [0, 1, 57, 70] as [Int64] {
            let page = try await buffer.everything(
                after: .after(Cursor(epoch: buffer.epoch, sequence: read)))
            #expect(page.lost.first?.from.sequence == read + 1)
            #expect(page.counts.read + page.counts.lost == ledger.produced - Int(read) * 10)
            #expect(page.lost.first?.first == .start + Int(read) * 10)
        }
        await buffer.close()
    }

    @Test func `rows of what is gone are merged, and still add up`() async throws {
        let scratch = try Scratch()
        let settings = scratch.settings(limit: 1 << 20)
        let buffer = try BatchBuffer(settings)
        var ledger = Ledger()
        let bound = Retention.tombstones(limit: settings.limit)
        try await Self.seal(bound * 3, in: buffer, &ledger)
        let page = try await buffer.everything()
        #expect(page.lost.count == 1)
        #expect(page.counts.read + page.counts.lost == ledger.produced)
        await buffer.close()
        let rows = try shell(
            "sqlite3 '\(settings.directory)/millpond.db' 'SELECT count(*) FROM lost'")
        #expect(try #require(Int(rows.dropLast())) <= bound + bound / 4 + 2)
    }

    @Test func `what all consumers have acknowledged goes after its time, without a loss`()
        async throws
    {
        let scratch = try Scratch()
        let buffer = try BatchBuffer(scratch.settings(keep: .seconds(100)))
        var ledger = Ledger()
        try await buffer.register("fast", start: .earliest)
        try await buffer.register("slow", start: .earliest)
        func acknowledge(_ sequence: Int64, _ name: String) async throws {
            try await buffer.acknowledge(
                Cursor(epoch: buffer.epoch, sequence: sequence), for: name, ifMatch: nil)
        }
        try await Self.seal(20, in: buffer, &ledger)
        try await acknowledge(20, "fast")
        try await Self.seal(1, in: buffer, &ledger)
        #expect(try await buffer.state().oldest == 1)
        try await acknowledge(5, "slow")
        // Sealed at 210 s: what is older than 110 s may go, up to the slower consumer's cursor.
        try await Self.seal(1, in: buffer, &ledger)
        #expect(try await buffer.state().oldest == 6)
        try await acknowledge(20, "slow")
        try await Self.seal(1, in: buffer, &ledger)
        #expect(try await buffer.state().oldest == 14)
        #expect(try await buffer.state().lostRecords == 0)

        // A new reader starts after it; one that asks for it is told.
        let earliest = try await buffer.everything()
        #expect(earliest.lost.isEmpty)
        #expect(earliest.sequences == Array(14...23))
        let late = try await buffer.everything(
            after: .after(Cursor(epoch: buffer.epoch, sequence: 3)))
        #expect(late.sequences == Array(4...23))
        #expect(late.lost.map(\.reason) == [.acknowledged])
        #expect(late.lost.map(\.records) == [100])
        await buffer.close()
    }

    @Test func `the limit wins over a consumer, and says so`() async throws {
        let scratch = try Scratch()
        let buffer = try BatchBuffer(scratch.settings(limit: 1 << 20))
        try await buffer.register("mes", start: .earliest)
        var ledger = Ledger()
        try await Self.seal(100, in: buffer, &ledger)
        try await buffer.acknowledge(
            Cursor(epoch: buffer.epoch, sequence: 60), for: "mes", ifMatch: nil)
        try await Self.seal(300, in: buffer, &ledger)
        let consumer = try #require(try await buffer.consumer("mes"))
        let page = try await buffer.everything(after: .after(consumer.cursor))
        #expect(page.lost.map(\.reason) == [.bufferLimit])
        #expect(page.counts.read + page.counts.lost == ledger.produced - 600)
        #expect(consumer.lagBatches == page.batches.count)
        #expect(consumer.lagReadings == page.counts.read)
        await buffer.close()
    }

    @Test func `a lowered limit is kept, and the space given back`() async throws {
        let scratch = try Scratch()
        var buffer = try BatchBuffer(scratch.settings(limit: 4 << 20))
        var ledger = Ledger()
        try await Self.seal(400, in: buffer, &ledger)
        await buffer.close()
        let settings = scratch.settings(limit: 1 << 20)
        buffer = try BatchBuffer(settings)
        try await Self.seal(10, in: buffer, &ledger)
        let page = try await buffer.everything()
        #expect(page.counts.read + page.counts.lost == ledger.produced)
        await buffer.close()
        #expect(BufferDirectory.size(of: settings.directory + "/millpond.db") <= 1 << 20)
    }

    @Test func `readers beside the writer miss nothing that is not told them`() async throws {
        let scratch = try Scratch()
        let buffer = try BatchBuffer(scratch.settings(limit: 1 << 20))
        let last: Int64 = 500
        try await withThrowingTaskGroup(of: Int.self) { group in
            for limit in [1, 3, 10, 1_000] {
                group.addTask {
                    var position = Position.earliest
                    var next: Int64 = 0
                    var records = 0
                    while next < last {
                        try await buffer.grows(beyond: next)
                        let page = try await buffer.read(
                            after: position, limit: limit, maxBytes: 1 << 20)
                        #expect(page.sequences.first == next + 1)
                        #expect(page.sequences.count == page.next.sequence - next)
                        records += page.counts.read + page.counts.lost
                        next = page.next.sequence
                        position = .after(page.next)
                    }
                    return records
                }
            }
            var ledger = Ledger()
            try await Self.seal(Int(last), in: buffer, &ledger)
            for try await records in group { #expect(records == ledger.produced) }
        }
        await buffer.close()
    }
}
