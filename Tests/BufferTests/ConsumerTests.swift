// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

@Suite(.conserving) struct ConsumerTests {
    private let scratch: Scratch
    private let buffer: BatchBuffer

    init() async throws {
        scratch = try Scratch()
        buffer = try BatchBuffer(scratch.settings())
        for number in 0..<5 { try await buffer.seal(100, at: .start + number * 10) }
    }

    private func cursor(_ sequence: Int64) -> Cursor {
        Cursor(epoch: buffer.epoch, sequence: sequence)
    }

    @Test func `a consumer is made once, and is still there after reopening`() async throws {
        let first = try await buffer.register("mes", start: .earliest)
        #expect(first.isNew)
        #expect(first.consumer.cursor == cursor(0))
        #expect(first.consumer.lagBatches == 5)
        #expect(first.consumer.lagReadings == 500)
        #expect(first.consumer.lag == .seconds(40))
        #expect(first.consumer.holdsBackBytes > 0)
        let again = try await buffer.register("mes", start: .latest)
        #expect(!again.isNew)
        #expect(again.consumer == first.consumer)
        #expect(try await buffer.register("late", start: .latest).consumer.cursor == cursor(5))
        #expect(
            try await buffer.register("mid", start: .after(cursor(2))).consumer.lagBatches == 3)
        try await buffer.acknowledge(cursor(3), for: "mes", ifMatch: nil)
        await buffer.close()

        let reopened = try BatchBuffer(scratch.settings())
        #expect(try await reopened.consumers().map(\.name) == ["late", "mes", "mid"])
        #expect(try await reopened.consumer("mes")?.cursor.sequence == 3)
        #expect(try await reopened.remove("mes"))
        #expect(try await !reopened.remove("mes"))
        #expect(try await reopened.consumer("mes") == nil)
        await reopened.close()
    }

    /// The place is one byte of its row, or two: 3 becomes what was never acknowledged.
    @Test func `a place that has rotted skips no batch, and is told`() async throws {
        try await buffer.register("mes", start: .earliest)
        try await buffer.register("scada", start: .earliest)
        for name in ["mes", "scada"] {
            try await buffer.acknowledge(cursor(3), for: name, ifMatch: nil)
        }
        await buffer.close()
        let database = BufferDirectory(path: scratch.settings().directory).database
        _ = try shell("sqlite3 '\(database)' 'UPDATE consumer SET seq = 5 WHERE name = \"mes\"'")
        let outside = try OfflineBuffer(directory: scratch.settings().directory).verify()
        #expect(outside.contradictions == [.consumerDamaged(name: "mes")])
        let events = Events()
        for _ in 0..<2 {
            let again = try BatchBuffer(scratch.settings()) { events.add($0) }
            #expect(again.epoch == buffer.epoch)
            #expect(try await again.consumer("mes")?.cursor == cursor(0))
            #expect(try await again.consumer("scada")?.cursor == cursor(3))
            #expect(events.all == [.consumerDamaged(name: "mes", cursor(0))], "it is told once")
            await again.close()
        }
    }

    @Test func `an acknowledgement is cumulative, idempotent and never backwards`() async throws {
        try await buffer.register("mes", start: .earliest)
        var answer = try await buffer.acknowledge(cursor(3), for: "mes", ifMatch: nil)
        #expect(answer.moved)
        #expect(answer.consumer.cursor == cursor(3))
        #expect(answer.consumer.lagBatches == 2)
        #expect(answer.consumer.lagReadings == 200)
        #expect(answer.consumer.lag == .seconds(10))
        for older in [3, 2, 0] as [Int64] {
            answer = try await buffer.acknowledge(cursor(older), for: "mes", ifMatch: nil)
            #expect(!answer.moved)
            #expect(answer.consumer.cursor == cursor(3))
        }
        answer = try await buffer.acknowledge(cursor(5), for: "mes", ifMatch: cursor(3))
        #expect(answer.moved)
        #expect(answer.consumer.lagBatches == 0)
        #expect(answer.consumer.lag == .zero)
        #expect(answer.consumer.holdsBackBytes == 0)
        await buffer.close()
    }

    @Test func `a wrong acknowledgement moves nothing and says why`() async throws {
        try await buffer.register("mes", start: .after(cursor(2)))
        let other = Cursor(epoch: try #require(Epoch("00000000")), sequence: 1)
        await #expect(throws: BufferError.otherEpoch(resume: cursor(0))) {
            try await buffer.acknowledge(other, for: "mes", ifMatch: nil)
        }
        await #expect(throws: BufferError.beyondNewest(newest: cursor(5))) {
            try await buffer.acknowledge(cursor(6), for: "mes", ifMatch: nil)
        }
        await #expect(throws: BufferError.consumer(.changed(cursor(2)))) {
            try await buffer.acknowledge(cursor(4), for: "mes", ifMatch: cursor(1))
        }
        await #expect(throws: BufferError.consumer(.unknown)) {
            try await buffer.acknowledge(cursor(4), for: "erp", ifMatch: nil)
        }
        #expect(try await buffer.consumer("mes")?.cursor == cursor(2))
        await buffer.close()
    }

    @Test func `names and number of consumers are bounded`() async throws {
        for name in ["", "a b", "é", String(repeating: "a", count: 65), "a/b"] {
            await #expect(throws: BufferError.consumer(.badName)) {
                try await buffer.register(name, start: .earliest)
            }
        }
        for number in 0..<Consumer.maxCount {
            try await buffer.register("c\(number)", start: .earliest)
        }
        await #expect(throws: BufferError.consumer(.tooMany)) {
            try await buffer.register("one-more", start: .earliest)
        }
        #expect(try await !buffer.register("c0", start: .earliest).isNew)
        await buffer.close()
    }
}
