// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Synchronization
import Testing

@testable import Buffer

/// What a damaged database still holds returns under the new epoch, each batch once, and what does
/// not is told, exactly.
@Suite(.conserving) struct SalvageTests {
    /// Batches of an epoch whose database is then damaged.
    private struct Plant {
        let settings: BatchBuffer.Settings
        let epoch: Epoch
        /// The record lines of each batch, by sequence.
        var lines: [Int64: [UInt8]] = [:]
        var records: [Int64: Int] = [:]

        init(
            _ scratch: Scratch, batches: Int, devices: Int = 1, acknowledged: Int64? = nil
        ) async throws {
            settings = scratch.settings()
            let buffer = try BatchBuffer(settings)
            epoch = buffer.epoch
            var data = PlantData(devices: devices)
            for number in 0..<batches {
                try await buffer.seal(
                    data.next(seconds: number % 5 + 2), at: .start + number * 10)
            }
            if let acknowledged {
                try await buffer.register("mes", start: .after(Cursor(epoch: epoch, sequence: 0)))
                try await buffer.acknowledge(
                    Cursor(epoch: epoch, sequence: acknowledged), for: "mes", ifMatch: nil)
            }
            for batch in try await buffer.allPages().batches {
                lines[batch.head.cursor.sequence] = batch.recordLines
                records[batch.head.cursor.sequence] = batch.head.records
            }
            await buffer.close()
        }

        /// Takes the header, the schema and whatever lies before the batches away.
        func damage() throws {
            let file = open(settings.directory + "/millpond.db", O_RDWR)
            defer { close(file) }
            let rot = (0..<2_048).map { UInt8(truncatingIfNeeded: $0 &* 37 | 1) }
            try #require(pwrite(file, rot, rot.count, 0) == rot.count)
        }

        /// Holds what is there now against what there was.
        func expectSalvaged(
            _ page: Page, lost: Int = 0, after first: Int64 = 0, but missing: Set<Int64> = []
        ) throws {
            let returned = page.batches.filter { $0.head.salvaged?.epoch == epoch }
            let sequences = returned.compactMap(\.head.salvaged?.sequence)
            #expect(sequences == lines.keys.sorted().filter { $0 > first && !missing.contains($0) })
            for batch in returned {
                let was = try #require(batch.head.salvaged?.sequence)
                #expect(batch.recordLines == lines[was])
                #expect(batch.head.sealed == .start + (Int(was) - 1) * 10)
            }
            #expect(page.lost.reduce(0) { $0 + $1.records } == lost)
        }
    }

    /// Opens, and waits until all that can be salvaged has been.
    private static func salvaged(
        _ settings: BatchBuffer.Settings
    ) async throws -> (BatchBuffer, SalvageReport) {
        let (reports, report) = AsyncStream.makeStream(of: SalvageReport.self)
        let buffer = try BatchBuffer(settings) { event in
            if case .salvaged(let done) = event { report.yield(done) }
        }
        var iterator = reports.makeAsyncIterator()
        return (buffer, try #require(await iterator.next()))
    }

    @Test func `all of a database without a header returns, while sealing goes on`() async throws {
        let scratch = try Scratch()
        let plant = try await Plant(scratch, batches: 40)
        try plant.damage()
        let (buffer, report) = try await Self.salvaged(plant.settings)
        #expect(buffer.epoch != plant.epoch)
        try await buffer.seal(5, at: .start + 1_000)
        let page = try await buffer.allPages()
        try plant.expectSalvaged(page)
        #expect(page.sequences == Array(1...41))
        #expect(report.batches == 40)
        #expect(report.lost == 0)
        #expect(try await buffer.state().lostRecords == 0)
        await buffer.close()
    }

    @Test func `what is damaged is lost, with its exact count, and the rest returns`() async throws
    {
        let scratch = try Scratch()
        let plant = try await Plant(scratch, batches: 30)
        try scratch.spoil(7)
        try scratch.spoil(8)
        try scratch.spoil(30)
        try plant.damage()
        let (buffer, report) = try await Self.salvaged(plant.settings)
        let lost = [7, 8, 30].reduce(0) { $0 + (plant.records[$1] ?? 0) }
        let page = try await buffer.allPages()
        try plant.expectSalvaged(page, lost: lost, but: [7, 8, 30])
        #expect(report.lost == lost)
        #expect(page.lost.map(\.reason) == [.corruption])
        await buffer.close()
    }

    @Test func `what every consumer had is not brought back, and consumers go on`() async throws {
        let scratch = try Scratch()
        let plant = try await Plant(scratch, batches: 20, acknowledged: 12)
        try plant.damage()
        let (buffer, report) = try await Self.salvaged(plant.settings)
        try plant.expectSalvaged(try await buffer.allPages(), after: 12)
        let delivered = (1...12).reduce(0) { $0 + (plant.records[$1] ?? 0) }
        Books.count(in: plant.settings.directory) { -delivered }
        #expect(report.batches == 8)
        let consumer = try #require(try await buffer.consumer("mes"))
        #expect(consumer.cursor == Cursor(epoch: buffer.epoch, sequence: 0))
        await buffer.close()
    }

    /// Ends after 1, 2, 3 … steps, and each time another process goes on.
    @Test func `salvage that is cut short goes on without a double`() async throws {
        let scratch = try Scratch()
        let plant = try await Plant(scratch, batches: 24, devices: 6)
        try plant.damage()
        var isDone = false
        var runs = 0
        while !isDone {
            try #require(runs < 200, "it never ends")
            let store = try Store(plant.settings, boot: "")
            for _ in 0..<runs % 3 + 2 where !isDone { isDone = store.upkeep() == nil }
            runs += 1
        }
        #expect(runs > 1, "it was over before it could be cut short")
        let buffer = try BatchBuffer(plant.settings)
        try plant.expectSalvaged(try await buffer.allPages())
        await buffer.close()
    }
}

extension BatchBuffer {
    /// Returns when nothing is left in quarantine that could be brought back.
    func isSalvaged() async throws {
        while try await state().owedRecords > 0 { await Task.yield() }
    }
}

extension Batch {
    var recordLines: [UInt8] {
        var lines: [UInt8] = []
        RecordLines(columns, end: UInt8(ascii: "\n")).append(to: &lines)
        return lines
    }
}
