// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

@Suite(.conserving) struct BufferTests {
    @Test func `a sealed batch reads the same for ever`() async throws {
        let scratch = try Scratch()
        var source = AnyRecords(seed: 7)
        var lines: [[UInt8]] = []
        var buffer = try BatchBuffer(scratch.settings())
        for number in 1...20 as ClosedRange<Int64> {
            let head = try await buffer.seal(source.next())
            #expect(head.cursor.sequence == number)
            lines.append(try await Self.bytes(of: head.cursor, in: buffer))
        }
        let epoch = buffer.epoch
        await buffer.close()

        buffer = try BatchBuffer(scratch.settings())
        #expect(buffer.epoch == epoch)
        #expect(buffer.newest == 20)
        for (index, line) in lines.enumerated() {
            let cursor = Cursor(epoch: epoch, sequence: Int64(index) + 1)
            #expect(try await Self.bytes(of: cursor, in: buffer) == line)
        }
        #expect(try await buffer.seal(1).cursor.sequence == 21)
        await buffer.close()
        #expect(
            try shell("ls '\(scratch.path)/buffer'")
                == "millpond.db\nmillpond.lock\nmillpond.mark\nmillpond.reserve\n")
    }

    private static func bytes(of cursor: Cursor, in buffer: BatchBuffer) async throws -> [UInt8] {
        let batch = try #require(try await buffer.batch(at: cursor))
        var bytes: [UInt8] = []
        batch.appendNDJSON(to: &bytes)
        return bytes
    }

    /// Gives SQLite up after 1, 2, 3 … of its instructions until the seal survives, and asks each
    /// time: is it all there, or nothing, and does the same connection go on?
    @Test func `an interrupted seal leaves no gap`() async throws {
        let scratch = try Scratch()
        let loss = Loss(records: 2, first: .start, last: .start, reason: .notStored)
        var buffer = try BatchBuffer(scratch.settings())
        var sealed: Int64 = 0
        var interruptions = 0
        for steps in 1... {
            try #require(steps < 10_000, "seal never completes")
            try await buffer.interrupt(after: steps)
            do throws(BufferError) {
                try await buffer.seal([reading(steps)], losses: [loss])
                sealed += 2
            } catch { interruptions += 1 }
            #expect(buffer.newest == sealed, "interrupted after \(steps)")
            let isOver = try await buffer.interrupt(after: 0)
            let next = try await buffer.seal(1).cursor.sequence
            #expect(next == sealed + 1, "after an interruption at \(steps)")
            sealed += 1
            if isOver || steps % 100 == 0 {
                await buffer.close()
                buffer = try BatchBuffer(scratch.settings())
                #expect(buffer.newest == sealed)
            }
            if isOver { break }
        }
        #expect(interruptions > 20)
        #expect(try await buffer.everything().sequences == Array(1...sealed))
        await buffer.close()
    }

    @Test func `losses stand before the batch, with a sequence each`() async throws {
        let scratch = try Scratch()
        let buffer = try BatchBuffer(scratch.settings())
        try await buffer.seal(1)
        let first = Loss(records: 7, first: .start, last: .start + 1, reason: .notStored)
        let second = Loss(records: 4, first: .start + 2, last: .start + 3, reason: .corruption)
        let head = try await buffer.seal(
            [reading(1)], at: .start + 4, losses: [first, first, second])
        #expect(head.cursor.sequence == 5)
        let page = try await buffer.everything()
        #expect(page.sequences == [1, 2, 3, 4, 5])
        #expect(page.lost.map(\.records) == [14, 4])
        #expect(page.lost.map(\.reason) == [.notStored, .corruption])
        #expect(page.lost[0].first == .start)
        #expect(page.lost[0].last == .start + 1)
        #expect(try await buffer.state().lostRecords == 18)
        #expect(try await buffer.state().lostToLimit == 0, "the limit took none of them")
        await buffer.close()
    }

    @Test func `pages obey limit and bytes, and end where the next begins`() async throws {
        let scratch = try Scratch()
        let buffer = try BatchBuffer(scratch.settings())
        for number in 0..<10 { try await buffer.seal(50, at: .start + number) }
        let epoch = buffer.epoch
        func cursor(_ sequence: Int64) -> Cursor { Cursor(epoch: epoch, sequence: sequence) }

        var page = try await buffer.read(after: .earliest, limit: 3, maxBytes: 8 << 20)
        #expect(page.sequences == [1, 2, 3])
        #expect(page.next == cursor(3))
        #expect(page.more)
        page = try await buffer.read(after: .after(cursor(3)), limit: 100, maxBytes: 1_024)
        #expect(page.sequences == [4])
        var two: [UInt8] = []
        for batch in try await buffer.read(after: .after(cursor(3)), limit: 2, maxBytes: .max)
            .batches
        { batch.appendNDJSON(to: &two) }
        page = try await buffer.read(after: .after(cursor(3)), limit: 100, maxBytes: two.count)
        #expect(page.sequences == [4, 5])
        page = try await buffer.read(after: .after(cursor(3)), limit: 100, maxBytes: two.count - 1)
        #expect(page.sequences == [4])
        page = try await buffer.read(after: .latest, limit: 1, maxBytes: 1)
        #expect(page.items.isEmpty)
        #expect(page.next == cursor(10))
        #expect(!page.more)
        await #expect(throws: BufferError.beyondNewest(newest: cursor(10))) {
            try await buffer.read(after: .after(cursor(11)), limit: 1, maxBytes: 1)
        }
        let other = Cursor(epoch: try #require(Epoch("00000000")), sequence: 1)
        await #expect(throws: BufferError.otherEpoch(resume: cursor(0))) {
            try await buffer.read(after: .after(other), limit: 1, maxBytes: 1)
        }
        #expect(try await buffer.batch(at: cursor(11)) == nil)
        await buffer.close()
        await #expect(throws: BufferError.closed) { try await buffer.everything() }
    }

    @Test func `a new buffer is empty and says so`() async throws {
        let scratch = try Scratch()
        let buffer = try BatchBuffer(scratch.settings())
        for position in [Position.earliest, .latest] {
            let page = try await buffer.everything(after: position)
            #expect(page.items.isEmpty)
            #expect(page.next.sequence == 0)
            #expect(!page.more)
        }
        let state = try await buffer.state()
        #expect(state.newest == 0)
        #expect(state.oldest == 1)
        #expect(state.batches == 0)
        #expect(state.pace == nil)
        for number in 0..<5 { try await buffer.seal(50, at: .start + number * 10) }
        let filled = try await buffer.state()
        #expect(filled.batches == 5)
        #expect(filled.readings == 250)
        #expect(filled.pace?.readings == 5)
        #expect(try #require(filled.holds) > .seconds(3_600))
        await buffer.close()
    }

    @Test func `more records than a batch may have are refused`() async throws {
        let scratch = try Scratch()
        let buffer = try BatchBuffer(scratch.settings())
        let records = [Record](repeating: reading(1), count: BatchBuffer.maxRecords + 1)
        await #expect(throws: BufferError.tooBig) {
            try await buffer.seal(records)
        }
        #expect(buffer.newest == 0)
        await buffer.close()
    }
}
