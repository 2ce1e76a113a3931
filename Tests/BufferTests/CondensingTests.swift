// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

/// What the limit takes is condensed: transitions are carried on, and where the plant engineer
/// wants it, readings become summaries; to the last record.
@Suite(.conserving) struct CondensingTests {
    @Test(arguments: WhenFull.allCases, [1, 2] as [UInt64])
    func `whatever comes, every record is there or told, in order, at every step`(
        whenFull: WhenFull, seed: UInt64
    ) async throws {
        let scratch = try Scratch()
        var settings = scratch.settings()
        settings.limit = 192 << 10
        settings.whenFull = whenFull
        let buffer = try BatchBuffer(settings)
        var plant = PressedPlant(seed: seed)
        var raw = RawStream()
        for step in 0..<120 {
            let records = plant.next()
            let head = try await buffer.seal(records, at: plant.time)
            raw.produced[head.cursor.sequence] = records
            guard step % 20 == 19 else { continue }
            let page = try await buffer.everything()
            raw.check(page, whenFull)
        }
        let page = try await buffer.everything()
        #expect(page.batches.contains { $0.head.condensed != nil })
        let state = try await buffer.state()
        #expect(state.bytes <= settings.limit)
        await buffer.close()
    }
}
