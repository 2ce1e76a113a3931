// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

/// A database with pages of another size than ours: what it has, and may have, is counted in its own.
@Suite(.conserving) struct PageSizeTests {
    private static let pageSize = 4_096

    private static func open(_ settings: BatchBuffer.Settings) throws -> BatchBuffer {
        let directory = BufferDirectory(path: settings.directory)
        try directory.create()
        let epoch = try #require(Epoch("q7m2k9xd"))
        try Schema.found(directory, with: Schema.Founding(epoch: epoch, pageSize: pageSize))
        return try BatchBuffer(settings)
    }

    @Test func `what the limit leaves a reader is what it holds in the end`() async throws {
        let scratch = try Scratch()
        let settings = scratch.settings(limit: 512 << 10)
        let buffer = try Self.open(settings)
        try await buffer.register("mes", start: .earliest)
        var random = Seeded(1)
        var told: Int?
        for number in 0..<150 {
            let readings = (0..<1_000).map { _ in
                let value = Double.random(in: 0...1, using: &random)
                return Record.reading(
                    Reading(signal: counter, time: .start, content: .good(.number(value))))
            }
            try await buffer.seal(readings, at: .start + number * 10)
            let state = try await buffer.state()
            #expect(state.bytes <= settings.limit)
            #expect(state.pageSize == Self.pageSize)
            told = told ?? (state.lostToLimit > 0 ? state.capacity : nil)
        }
        let capacity = try #require(told)
        #expect(
            capacity == settings.limit - 32 * Self.pageSize - settings.limit / 4_096 * 40,
            "beside what is kept free, in pages of its own")
        let full = try await buffer.state()
        #expect(abs(full.bytes - capacity) < 12 * Self.pageSize, "it holds \(full.bytes)")
        await buffer.close()
    }

    @Test(
        .enabled(if: SmallDisk.isPermitted, "mounting a file system of 24 MB is not permitted here")
    )
    func `a disk that is smaller than the limit is used but for its margin`() async throws {
        let disk = try SmallDisk(.tmpfs)
        let buffer = try Self.open(disk.settings(limit: 64 << 20))
        var plant = NoisyPlant()
        while try await !buffer.state().isPressedByDisk || buffer.newest < 12 {
            try await plant.sealTransitions(in: buffer)
        }
        let state = try await buffer.state()
        #expect(state.quota > 14 << 20)
        #expect(disk.free > 1 << 20, "and that is left to others")
        await buffer.close()
    }
}
