// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus
import Plant
import Testing

@testable import Acquisition

struct ReadPlanTests {
    /// Address and width of some signals, and the requests that they should make.
    struct Merge: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let signals: [(at: UInt16, width: Int)]
        var maxRegisters = 60
        var maxGap = 8
        let requests: [ClosedRange<Int>]
        var waste = 0
    }

    static let merges = [
        Merge(
            testDescription: "neighbours", signals: [(0, 2), (2, 2), (4, 1)], requests: [0...4]),
        Merge(
            testDescription: "in any order", signals: [(4, 1), (0, 2), (2, 2)], requests: [0...4]),
        Merge(
            testDescription: "a gap as wide as allowed", signals: [(0, 1), (9, 1)],
            requests: [0...9], waste: 8),
        Merge(
            testDescription: "a gap one wider", signals: [(0, 1), (10, 1)],
            requests: [0...0, 10...10]),
        Merge(
            testDescription: "no gap allowed", signals: [(0, 1), (1, 1), (3, 1)], maxGap: 0,
            requests: [0...1, 3...3]),
        Merge(
            testDescription: "exactly max-registers", signals: [(0, 2), (2, 2)], maxRegisters: 4,
            requests: [0...3]),
        Merge(
            testDescription: "a value at the limit is not split", signals: [(0, 2), (2, 4)],
            maxRegisters: 4, requests: [0...1, 2...5]),
        Merge(
            testDescription: "the same register twice", signals: [(5, 1), (5, 1)],
            requests: [5...5]),
        Merge(
            testDescription: "one within another", signals: [(5, 4), (6, 1), (9, 1)],
            requests: [5...9]),
        Merge(
            testDescription: "the last address", signals: [(65_535, 1), (65_532, 2)],
            requests: [65_532...65_535], waste: 1),
    ]

    @Test(arguments: merges)
    func `neighbours are merged within the profile's limits`(_ merge: Merge) {
        let plan = ReadPlan(
            merge.signals.map { Point(.sample(.string, width: $0.width, at: $0.at)) },
            periods: merge.signals.map { _ in .seconds(1) }, unit: 7,
            maxRegisters: merge.maxRegisters, maxGap: merge.maxGap)
        #expect(plan.reads.map(\.span) == merge.requests)
        #expect(plan.reads.reduce(0) { $0 + $1.waste } == merge.waste)
        #expect(plan.reads.allSatisfy { $0.request.unit == 7 })
    }

    @Test func `tables and periods make requests of their own`() {
        let plan = ReadPlan(
            [
                Point(.sample(at: 0)), Point(.sample(table: .input, at: 1)), Point(.sample(at: 2)),
                Point(.sample(.bool, table: .coil, at: 1)),
            ],
            periods: [.seconds(1), .seconds(1), .milliseconds(1500), .seconds(1)], unit: 1,
            maxRegisters: 60, maxGap: 8)
        #expect(plan.reads.count == 4)
    }

    @Test func `a slower signal rides along where its registers are read anyway`() throws {
        let plan = ReadPlan(
            [Point(.sample(at: 0)), Point(.sample(at: 5)), Point(.sample(at: 9))],
            periods: [.seconds(1), .seconds(10), .seconds(1)], unit: 1, maxRegisters: 60, maxGap: 8)
        let read = try #require(plan.reads.first)
        #expect(plan.reads.count == 1)
        #expect(read.period == .seconds(1))
        #expect(read.waste == 7)
        #expect(read.passengers.map(\.stride) == [1, 10, 1])
        #expect(read.passengers.map(\.offset) == [0, 5, 9])
    }

    @Test func `a request is never stretched for a slower signal`() {
        let plan = ReadPlan(
            [Point(.sample(at: 0)), Point(.sample(at: 1))], periods: [.seconds(1), .seconds(10)],
            unit: 1, maxRegisters: 60, maxGap: 8)
        #expect(plan.reads.map(\.span) == [0...0, 1...1])
    }

    @Test func `a bit table packs sixteen to a register`() {
        let points = stride(from: 0, to: 90, by: 3).map {
            Point(.sample(.bool, table: .discrete, at: UInt16($0)))
        }
        let plan = ReadPlan(
            points, periods: points.map { _ in .seconds(1) }, unit: 1, maxRegisters: 2, maxGap: 8)
        #expect(plan.reads.allSatisfy { $0.request.count <= 32 })
        #expect(plan.reads.count == 3)
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `no plan splits a value, forgets one, or exceeds a limit`(seed: UInt64) {
        var dice = Dice(seed: seed)
        let maxRegisters = Int.random(in: 4...125, using: &dice)
        let maxGap = Int.random(in: 0...20, using: &dice)
        let points = (0..<Int.random(in: 1...80, using: &dice)).map { _ in
            let table = Table.allCases.randomElement(using: &dice) ?? .holding
            let width = table.holdsBits ? 1 : Int.random(in: 1...4, using: &dice)
            let start = [0, 1000, 65_300].randomElement(using: &dice) ?? 0
            return Point(
                .sample(
                    table.holdsBits ? .bool : .string, width: width, table: table,
                    at: UInt16(start + Int.random(in: 0...200, using: &dice))))
        }
        let periods = points.map { _ in
            Duration.milliseconds([200, 1000, 1500, 10_000].randomElement(using: &dice) ?? 1000)
        }
        let plan = ReadPlan(
            points, periods: periods, unit: 1, maxRegisters: maxRegisters, maxGap: maxGap)

        let passengers = plan.reads.flatMap { read in read.passengers.map { (read, $0) } }
        #expect(passengers.map(\.1.point).sorted() == Array(points.indices), "each exactly once")
        for (read, passenger) in passengers {
            let source = points[passenger.point].source
            #expect(source.table == read.request.table)
            #expect(Int(read.request.start) + passenger.offset == Int(source.address))
            #expect(passenger.offset + source.layout.width <= read.request.count)
            #expect(read.period * passenger.stride == periods[passenger.point])
        }
        for read in plan.reads {
            let limit = read.request.table.holdsBits ? maxRegisters * 16 : maxRegisters
            #expect(read.request.count <= min(limit, read.request.table.limit))
            let used = Set(read.passengers.flatMap { points[$0.point].source.addresses })
            #expect(read.waste == Set(read.span).subtracting(used).count)
            #expect(used.contains(read.span.lowerBound) && used.contains(read.span.upperBound))
            let gaps = zip(used.sorted(), used.sorted().dropFirst()).map { $1 - $0 - 1 }
            #expect(gaps.allSatisfy { $0 <= maxGap })
        }
    }
}

extension ReadPlan.Read {
    fileprivate var span: ClosedRange<Int> {
        Int(request.start)...Int(request.start) + request.count - 1
    }
}
