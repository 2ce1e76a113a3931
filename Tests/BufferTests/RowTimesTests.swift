// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

/// Times of a row that have rotted, in a stream of 35 days: whoever computes with them goes on.
@Suite(.conserving) struct RowTimesTests {
    private static let age = 35 * 86_400_000

    /// What status, metrics and `verify` say of it, each sum in the unit that they tell it in.
    private static func tell(_ settings: BatchBuffer.Settings, _ lie: String) async throws {
        let buffer = try BatchBuffer(settings)
        let state = try await buffer.state()
        let consumer = try #require(try await buffer.consumers().first)
        #expect(consumer.lag >= .zero, "\(lie)")
        let told = [consumer.lag, state.left(to: consumer), state.holds].compactMap(\.self)
        #expect(told.allSatisfy { $0.milliseconds >= 0 && $0.nanoseconds >= 0 }, "\(lie)")
        #expect(try await buffer.everything().counts == (180, 0), "\(lie)")
        await buffer.close()
        #expect(try OfflineBuffer(directory: settings.directory).verify().isSound, "\(lie)")
    }

    private static func fill(_ scratch: Scratch) async throws -> BatchBuffer.Settings {
        let settings = scratch.settings()
        let buffer = try BatchBuffer(settings)
        for number in 0..<6 { try await buffer.seal(30, at: .start + number) }
        _ = try await buffer.register("mes", start: .earliest)
        await buffer.close()
        try lie(settings, "elapsed_ms = elapsed_ms + \(age)")
        return settings
    }

    private static func lie(_ settings: BatchBuffer.Settings, _ what: String) throws {
        _ = try shell("sqlite3 '\(settings.directory)/millpond.db' 'UPDATE batch SET \(what)'")
    }

    @Test(arguments: ["elapsed_ms", "gathered_ms", "sealed_ms", "first_ms"], [1, 6])
    func `no flipped bit of a time ends who reads it`(column: String, sequence: Int) async throws {
        let scratch = try Scratch(in: "/dev/shm")
        let settings = try await Self.fill(scratch)
        for bit in 0..<64 {
            let flip = "1 << \(bit)"
            let lie =
                "\(column) = (\(column) | (\(flip))) - (\(column) & (\(flip))) WHERE seq = \(sequence)"
            try Self.lie(settings, lie)
            try await Self.tell(settings, lie)
        }
    }

    @Test func `a time that cannot be is unknown, and mended by that of the batch before it`()
        async throws
    {
        let scratch = try Scratch()
        let settings = try await Self.fill(scratch)
        try Self.lie(settings, "elapsed_ms = elapsed_ms | (1 << 45) WHERE seq >= 5")
        let known = try Self.mend(settings)
        #expect(known > .milliseconds(Self.age))
        // A writer goes on from the last time that is known.
        let store = try Store(settings, boot: "5f0c")
        #expect(store.holding.time.elapsed == known)
        let sixth = store.stream.cursor(6)
        #expect(try store.examine(sixth) == .rowMended(sixth))
        #expect(try store.stream.batch(6)?.elapsed == known)
        try store.close()
    }

    /// The time of the fourth batch, which the fifth has from it.
    private static func mend(_ settings: BatchBuffer.Settings) throws -> Duration {
        let store = try Store(settings, boot: "5f0c")
        let fifth = store.stream.cursor(5)
        let before = try #require(try store.stream.batch(4)?.elapsed)
        #expect(try store.stream.batch(6)?.elapsed == nil)
        #expect(try store.examine(fifth) == .rowMended(fifth))
        #expect(try store.stream.batch(5)?.elapsed == before)
        #expect(try store.examine(fifth) == nil)
        try store.close()
        return before
    }
}
