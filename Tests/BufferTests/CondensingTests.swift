// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

/// What the limit takes is condensed: transitions are carried on, and where the plant engineer
/// wants it, readings become summaries; to the last record.
@Suite(.conserving) struct CondensingTests {
    private static func settings(_ scratch: Scratch, _ mode: WhenFull) -> BatchBuffer.Settings {
        var settings = scratch.settings()
        // So small that a few dozen batches fill it.
        settings.limit = 192 << 10
        settings.whenFull = mode
        return settings
    }

    @Test(arguments: WhenFull.allCases, [1, 2] as [UInt64])
    func `whatever comes, every record is there or told, at every step`(
        whenFull: WhenFull, seed: UInt64
    ) async throws {
        let scratch = try Scratch()
        let settings = Self.settings(scratch, whenFull)
        let buffer = try BatchBuffer(settings)
        var plant = PressedPlant(seed: seed)
        var raw = RawStream()
        var isMet: Set<LossReason> = []
        for step in 0..<260 {
            let records = plant.next()
            let head = try await buffer.seal(records, at: plant.time)
            raw.produced[head.cursor.sequence] = records
            guard step % 20 == 19 else { continue }
            let page = try await buffer.everything()
            try raw.check(page)
            isMet.formUnion(page.lost.map(\.reason))
            guard let lost = page.lost.last(where: { $0.reason == .thinned }) else { continue }
            // Among the newest that are gone: the oldest are merged, and told as a whole.
            let middle = max(lost.from.sequence, lost.to.sequence - 3)
            let rest = try await buffer.everything(
                after: .after(Cursor(epoch: buffer.epoch, sequence: middle)))
            guard let told = rest.lost.first, middle < lost.to.sequence else { continue }
            #expect(told.from.sequence == middle + 1)
            #expect(told.records == raw.thinned(in: middle + 1...told.to.sequence))
        }
        #expect(try await !buffer.everything().condensedRanges.isEmpty)
        #expect(isMet == (whenFull == .thin ? [.thinned, .bufferLimit] : [.bufferLimit]))
        #expect(try await buffer.state().bytes <= settings.limit)
        await buffer.close()
    }

    @Test func `what all have acknowledged goes as it is, and a run ends where a consumer stands`()
        async throws
    {
        let scratch = try Scratch()
        let buffer = try BatchBuffer(Self.settings(scratch, .thin))
        try await buffer.register("fast", start: .earliest)
        try await buffer.register("slow", start: .earliest)
        var plant = PressedPlant(seed: 7)
        var stands: Set<Int64> = []
        for step in 0..<150 {
            let head = try await buffer.seal(plant.next(), at: plant.time)
            if step % 7 == 3 {
                try await buffer.acknowledge(head.cursor, for: "fast", ifMatch: nil)
                stands.insert(head.cursor.sequence)
            }
            if step == 20 { try await buffer.acknowledge(head.cursor, for: "slow", ifMatch: nil) }
        }
        let page = try await buffer.everything()
        #expect(!page.condensedRanges.isEmpty)
        let slow = try #require(try await buffer.consumer("slow")).cursor.sequence
        for range in page.condensedRanges {
            #expect(range.lowerBound > slow, "what all have acknowledged is just removed")
        }
        await buffer.close()
    }

    @Test func `transitions alone fill it at last, and then the oldest of them go`() async throws {
        let scratch = try Scratch()
        let settings = Self.settings(scratch, .drop)
        let buffer = try BatchBuffer(settings)
        var random = Seeded(3)
        var number = 0
        for _ in 0..<60 {
            let records = (0..<40).map { _ in
                number += 1
                let noise = (0..<20).map { _ in "\(random.next())" }.joined()
                return Record.health(
                    Entry(time: .start, equipment: nil, line: #"{"n":\#(number),"x":"\#(noise)"}"#))
            }
            try await buffer.seal(records)
        }
        let page = try await buffer.everything()
        let kept = page.batches.flatMap(\.records).compactMap(\.transition)
        let numbers = kept.compactMap { Int($0.dropFirst(5).prefix { $0 != "," }) }
        #expect(numbers.count == kept.count)
        #expect(numbers.max() == number, "the newest are there")
        #expect(numbers.count < number, "and some had to go")
        #expect(kept.count + page.lost.reduce(0) { $0 + $1.records } == number)
        #expect(page.lost.allSatisfy { $0.reason == .bufferLimit })
        await buffer.close()
    }

    /// A limit that was lowered is met piece by piece, after a seal: nobody seals again here.
    @Test(.timeLimit(.minutes(1)))
    func `whoever waits is woken by what was condensed without being asked`() async throws {
        let scratch = try Scratch()
        var settings = Self.settings(scratch, .drop)
        settings.limit = 1 << 20
        var plant = PressedPlant(seed: 11)
        let before = try BatchBuffer(settings)
        for _ in 0..<100 { try await before.seal(plant.next(), at: plant.time) }
        await before.close()
        settings.limit = 192 << 10
        let buffer = try BatchBuffer(settings)
        let sealed = try await buffer.seal(plant.next(), at: plant.time)
        try await buffer.grows(beyond: sealed.cursor.sequence)
        let page = try await buffer.everything(after: .after(sealed.cursor))
        #expect(page.batches.first?.head.condensed != nil)
        await buffer.close()
    }

    /// Interrupts the seal that condenses after 1, 2, 3 … of SQLite's instructions.
    @Test func `interrupted at any step, it leaves no gap and nothing twice`() async throws {
        let scratch = try Scratch()
        let buffer = try BatchBuffer(Self.settings(scratch, .thin))
        var plant = PressedPlant(seed: 5)
        var raw = RawStream()
        func seal(interruptedAfter steps: Int) async throws -> Bool {
            let records = plant.next()
            try await buffer.interrupt(after: steps)
            var isSealed = false
            do throws(BufferError) {
                let head = try await buffer.seal(records, at: plant.time)
                raw.produced[head.cursor.sequence] = records
                isSealed = true
            } catch {}
            try await buffer.interrupt(after: 0)
            return isSealed
        }
        while try await buffer.everything().condensedRanges.isEmpty {
            #expect(try await seal(interruptedAfter: 0))
        }
        var interrupted = 0
        for round in 1...60 where try await !seal(interruptedAfter: round * 23) {
            interrupted += 1
            #expect(try await seal(interruptedAfter: 0))
            // Each time: what is condensed twice between two looks could not be accounted for.
            try raw.check(try await buffer.everything())
        }
        #expect(interrupted > 10)
        try raw.check(try await buffer.everything())
        await buffer.close()
    }

    @Test func `a summary is a line of its own kind, and reads back as it is`() throws {
        let entry = Entry(time: .start, equipment: "press-1", line: #"{"type":"summary"}"#)
        let epoch = try #require(Epoch("q7m2k9xd"))
        let head = BatchHead(
            cursor: Cursor(epoch: epoch, sequence: 9), gateway: "edge-07", site: nil,
            sealed: .start,
            records: 2, clock: .synced, boot: "", condensed: 3...5, sha256: "")
        let sealing = try Sealing(Records([.summary(entry), reading(1)]), head: head)
        #expect(sealing.produced == 1)
        let (read, columns) = try BatchCodec.decode(sealing.payload)
        #expect(read.condensed == 3...5)
        #expect(columns.records().first == .summary(entry))
    }
}
