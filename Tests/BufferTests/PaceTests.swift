// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

/// How long the buffer holds is told before it is full, and comes true.
@Suite(.conserving) struct PaceTests {
    /// A row as `Pace` sees it: sealed at a second of the stream's own time.
    private static func row(
        at second: Int64, readings: Int = 100, bytes: Int = 5_080, gathered: Int64 = 10
    ) -> Stream.Row {
        Stream.Row(
            sequence: second, sealed: .start, first: .start, last: .start, records: readings,
            readings: readings, lines: 0, totalRecords: 0, totalReadings: 0, totalBytes: 0,
            bytes: bytes, elapsed: .seconds(second), gathered: .seconds(gathered))
    }

    private struct Case {
        let name: String
        let rows: [Stream.Row]
        let readings: Double?
        var span = 0
    }

    @Test(arguments: [
        Case(name: "none", rows: [], readings: nil),
        Case(name: "one", rows: [row(at: 10)], readings: nil),
        Case(name: "two", rows: [row(at: 10), row(at: 20)], readings: 10, span: 10),
        Case(
            name: "the plant was reloaded: five minutes later the old one is forgotten",
            rows: (0..<30).map { row(at: $0 * 10, readings: 5) }
                + (30...60).map { row(at: $0 * 10, readings: 1_000) },
            readings: 100, span: 300),
        Case(
            name: "the gateway stood still for a day",
            rows: [row(at: 0), row(at: 10), row(at: 86_400), row(at: 86_410)],
            readings: 10, span: 20),
        Case(
            name: "sealed every hour",
            rows: [row(at: 0, gathered: 3_600), row(at: 3_600, gathered: 3_600)],
            readings: 100.0 / 3_600, span: 3_600),
        Case(
            name: "what was condensed beside it is not the plant's",
            rows: [row(at: 10), row(at: 20, gathered: 0), row(at: 20, gathered: 0), row(at: 30)],
            readings: 10, span: 20),
    ])
    private func `the pace is that of the last minutes`(row: Case) {
        let pace = Pace(row.rows.reversed(), pageSize: 512)
        #expect(pace?.readings == row.readings)
        #expect(pace?.span == row.readings.map { _ in .seconds(row.span) })
    }

    @Test(arguments: [100, 250, 1_000, 10_000])
    func `the window is full by count, however often is sealed`(milliseconds: Int64) {
        let rows = (0...Int64(Pace.batches)).map { number in
            var row = Self.row(at: number)
            row.elapsed = .milliseconds(number * milliseconds)
            return row
        }
        let whole = Pace(rows.reversed(), pageSize: 512)
        #expect(whole?.isWhole == true)
        #expect(whole?.span == min(.milliseconds(64 * milliseconds), Pace.window))
        let young = Pace(rows.prefix(10).reversed(), pageSize: 512)
        #expect(young?.isWhole == false)
    }

    /// A plant's batches, large and small, in a buffer that is filled twice over.
    @Test(arguments: [(1_000, 40), (60, 500)])
    func `what is told of an empty buffer is how long a full one holds`(
        records: Int, batches: Int
    ) async throws {
        let scratch = try Scratch()
        var settings = scratch.settings()
        settings.limit = 192 << 10
        let buffer = try BatchBuffer(settings)
        var random = Seeded(1)
        var told: Duration?
        var time = Timestamp.start
        for number in 0..<batches {
            let readings = (0..<records).map { _ in
                Record.reading(
                    Reading(
                        signal: counter, time: time,
                        content: .good(.number(Double.random(in: 0...1, using: &random)))))
            }
            try await buffer.seal(readings, at: time)
            if number == 2 { told = try await buffer.state().holds }
            time = time + 10
        }
        let state = try await buffer.state()
        #expect(state.oldest > 1, "it is full")
        let held = Double(state.batches) * 10
        let predicted = try #require(told) / .seconds(1)
        #expect(abs(predicted - held) <= held * 0.06 + 20, "\(predicted) s told, \(held) s held")
        await buffer.close()
    }

    @Test func `what is left to a consumer is what the limit leaves it`() async throws {
        let scratch = try Scratch()
        var settings = scratch.settings()
        settings.limit = 192 << 10
        let buffer = try BatchBuffer(settings)
        try await buffer.register("mes", start: .earliest)
        try await buffer.register("fast", start: .earliest)
        var random = Seeded(2)
        var time = Timestamp.start
        var told: (at: Timestamp, left: Duration)?
        var taken: Timestamp?
        while taken == nil {
            let readings = (0..<500).map { _ in
                Record.reading(
                    Reading(
                        signal: counter, time: time,
                        content: .good(.number(Double.random(in: 0...1, using: &random)))))
            }
            let head = try await buffer.seal(readings, at: time)
            try await buffer.acknowledge(head.cursor, for: "fast", ifMatch: nil)
            let state = try await buffer.state()
            let slowest = state.slowest(of: try await buffer.consumers())
            #expect(slowest?.consumer.name ?? "mes" == "mes")
            if head.cursor.sequence == 20, let slowest { told = (time, slowest.left) }
            if state.lostToLimit > 0 {
                taken = time
                #expect(try #require(slowest).left < .seconds(60))
            }
            time = time + 10
        }
        let (at, left) = try #require(told)
        let happened = try #require(taken).milliseconds - at.milliseconds
        #expect(abs(left / .milliseconds(1) - Double(happened)) < Double(happened) * 0.06 + 20_000)
        await buffer.close()
    }
}
