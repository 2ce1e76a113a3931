// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

/// Whatever else there is goes before any transition, however large the limit is.
@Suite(.conserving) struct PressureTests {
    private static let pressure = Pressure(.drop, limit: 64 << 20)

    private static func row(
        _ sequence: Int64, bytes: Int = 50_000, records: Int = 5_000, transitions: Int? = 0
    ) -> Stream.Row {
        Stream.Row(
            sequence: sequence, sealed: .start, first: .start, last: .start, records: records,
            readings: 0, lines: 0, totalRecords: 0, totalReadings: 0, totalBytes: 0, bytes: bytes,
            transitions: transitions)
    }

    private static func transitions(_ sequence: Int64, bytes: Int = 20_000) -> Stream.Row {
        row(sequence, bytes: bytes, records: 50, transitions: 50)
    }

    private struct Case {
        let name: String
        let rows: [Stream.Row]
        var consumers: [Int64] = []
        var run: [Int64] = []
        var settled: Int64 = 0
        var isCut = false
        var isWorthwhile = true
    }

    @Test(arguments: [
        Case(name: "none", rows: [], isWorthwhile: false),
        Case(name: "all, where they are few", rows: (1...3).map { row($0) }, run: [1, 2, 3]),
        Case(
            name: "transitions stay, before and between",
            rows: [transitions(1), transitions(2), row(3), transitions(4), row(5)], run: [3, 5],
            settled: 2),
        Case(
            name: "few of them do not stay", rows: [transitions(1, bytes: 900), row(2)],
            run: [1, 2]),
        Case(
            name: "few of them alone are left", rows: [transitions(1, bytes: 900)], run: [1],
            isWorthwhile: false),
        Case(
            name: "of summaries beside them nobody knows",
            rows: [row(1, bytes: 20_000, records: 50, transitions: nil)], run: [1]),
        Case(name: "no records are no transitions", rows: [row(1, records: 0)], run: [1]),
        Case(
            name: "so many bytes", rows: [row(1, bytes: 2 << 20), row(2)], run: [1], isCut: true),
        Case(
            name: "a consumer has read the first of them",
            rows: [row(1), row(2), row(3)], consumers: [0, 2], run: [1, 2], isCut: true),
        Case(
            name: "it stands at what has gone between",
            rows: [row(1), row(4)], consumers: [3], run: [1], isCut: true),
        Case(
            name: "so many are looked at",
            rows: (1...256).map { transitions($0, bytes: 16_384) }, settled: 256, isCut: true,
            isWorthwhile: false),
        Case(
            name: "so many bytes are looked at",
            rows: (1...9).map { transitions($0, bytes: 1 << 20) }, settled: 5, isCut: true,
            isWorthwhile: false),
    ])
    private func `what goes together`(row: Case) {
        var run = Pressure.Run(Self.pressure, after: 0, consumers: row.consumers)
        for row in row.rows where !run.take(row) { break }
        #expect(run.rows.map(\.sequence) == row.run)
        #expect(run.settled == row.settled)
        #expect(run.isCut == row.isCut)
        #expect(run.isWorthwhile == row.isWorthwhile)
    }

    /// 66 batches of transitions of which no two make one run are older than all readings: more than
    /// could be moved out of the way for each batch that needs room.
    @Test func `readings go before older transitions, and at last the oldest of these`()
        async throws
    {
        let scratch = try Scratch(in: "/dev/shm")
        let settings = scratch.settings(limit: 71 << 20)
        let buffer = try BatchBuffer(settings)
        try await buffer.register("mes", start: .earliest)
        var plant = NoisyPlant()
        for _ in 0..<66 { try await plant.sealTransitions(in: buffer) }
        for _ in 0..<30 { try await plant.sealReadings(in: buffer) }
        var page = try await buffer.everything()
        #expect(page.batches.prefix(66).map(\.head.cursor.sequence) == Array(1...66))
        #expect(page.lost.allSatisfy { $0.from.sequence > 66 })
        #expect(page.lost.reduce(0) { $0 + $1.records } + page.produced == plant.produced)
        #expect(page.lost.map(\.reason) == [.bufferLimit])
        let state = try await buffer.state()
        #expect(state.bytes <= settings.limit)
        #expect(state.oldest > 66)
        let readings = page.batches.reduce(0) { $0 + $1.readings }
        #expect(state.readings == readings)
        let consumer = try #require(try await buffer.consumer("mes"))
        #expect(consumer.lagBatches == page.batches.count)
        #expect(consumer.lagReadings == readings)
        #expect(consumer.holdsBackBytes < settings.limit)

        for _ in 0..<12 { try await plant.sealTransitions(in: buffer) }
        page = try await buffer.everything()
        let first = try #require(page.batches.first?.head.cursor.sequence)
        #expect(first > 1, "there was nothing else to go")
        #expect(page.batches.count { $0.head.cursor.sequence <= 66 } == 67 - Int(first))
        #expect(page.batches.allSatisfy { $0.readings == 0 })
        #expect(page.lost.reduce(0) { $0 + $1.records } + page.produced == plant.produced)
        let log = BufferDirectory.size(of: BufferDirectory(path: settings.directory).log)
        #expect(log <= 8 << 20)
        await buffer.close()
    }
}

extension Page {
    /// Records on it that a plant has produced.
    fileprivate var produced: Int { batches.reduce(0) { $0 + $1.columns.producedCount } }
}
