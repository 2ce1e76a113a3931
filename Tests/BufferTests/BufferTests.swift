// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

struct BufferTests {
    @Test func `sealed records are there after reopening`() async throws {
        let scratch = try Scratch()
        var source = AnyRecords(seed: 7)
        var lines: [[UInt8]] = []
        var buffer = try BatchBuffer(scratch.settings())
        for number in 1...20 as ClosedRange<Int64> {
            let head = try await buffer.seal(
                source.next(), sealed: .start, clock: .synced, losses: [])
            #expect(head.cursor.sequence == number)
            let batch = try #require(try await buffer.batch(at: head.cursor))
            var bytes: [UInt8] = []
            batch.appendNDJSON(to: &bytes)
            lines.append(bytes)
        }
        let epoch = buffer.epoch
        await buffer.close()

        buffer = try BatchBuffer(scratch.settings())
        #expect(buffer.epoch == epoch)
        #expect(buffer.newest == 20)
        for (index, line) in lines.enumerated() {
            let cursor = Cursor(epoch: epoch, sequence: Int64(index) + 1)
            let batch = try #require(try await buffer.batch(at: cursor))
            var bytes: [UInt8] = []
            batch.appendNDJSON(to: &bytes)
            #expect(bytes == line)
        }
        #expect(try await buffer.seal(1).cursor.sequence == 21)
        await buffer.close()
    }
}
