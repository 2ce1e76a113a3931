// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

/// A directory of its own for a test, removed when it ends.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path = "/tmp/millpond-buffer-\(UInt64.random(in: 0...UInt64.max))"
        try #require(mkdir(path, 0o700) == 0)
    }

    deinit { system("rm -rf '\(path)'") }

    func settings(limit: Int = 64 << 20, keep: Duration = .seconds(86_400)) -> BatchBuffer.Settings
    {
        BatchBuffer.Settings(
            directory: path + "/buffer", gateway: "edge-07", site: "suzhou-2", limit: limit,
            keepAcknowledged: keep)
    }
}

extension BatchBuffer {
    func seal(_ count: Int, at time: Timestamp = .start) async throws -> BatchHead {
        try await seal(
            (0..<count).map { reading($0, at: time) }, sealed: time, clock: .synced, losses: [])
    }

    func everything(after position: Position = .earliest) async throws -> Page {
        try await read(after: position, limit: 100_000, maxBytes: .max)
    }
}

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
