// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Testing

@testable import Acquisition
@testable import Plant

struct ScaleFactorTests {
    private func source(
        _ encoding: RegisterLayout.Encoding = .int16, width: Int = 1, at address: UInt16 = 14,
        factorAt factor: UInt16 = 15, order: RegisterLayout.Order = .abcd
    ) -> ProfileSignal {
        var source = ProfileSignal.sample(encoding, order: order, width: width, at: address)
        source.scaleFactor = ScaleFactor(
            address: factor,
            layout: RegisterLayout(encoding: .int16, order: order, width: 1),
            unavailable: [0x8000])
        return source
    }

    /// Raw value, factor, the number as one would write it.
    @Test(
        arguments: [
            (0, 0, 0), (1234, 0, 1234), (1234, -1, 123.4), (-57, -1, -5.7), (3, -1, 0.3),
            (7, -3, 0.007), (1105, -2, 11.05), (12, 3, 12_000), (-32_767, 10, -327_670_000_000_000),
            (41, -10, 0.0000000041), (32_767, -9, 0.000032767),
        ] as [(Int16, Int16, Double)])
    func `a value is multiplied by the power of ten beside it`(
        _ raw: Int16, _ factor: Int16, _ number: Double
    ) {
        let words = [UInt16(bitPattern: raw), UInt16(bitPattern: factor)]
        #expect(Point(source()).content(of: words[...]) == .good(.number(number)))
    }

    @Test func `scale and offset come on top`() {
        var source = source()
        source.scale = 0.1
        source.offset = -40
        #expect(Point(source).content(of: [625, 0xFFFF]) == .good(.number(-33.75)))
        #expect(Point(source).content(of: [625, 1]) == .good(.number(585)))
        source.scale = 0.3
        source.offset = 0
        #expect(Point(source).content(of: [3, 0xFFFE]) == .good(.number(0.009)))
    }

    @Test(
        arguments: [
            (0x8000, .notAvailable), (11, .outOfRange), (0xFFF5, .outOfRange),
            (0x7FFF, .outOfRange),
        ] as [(UInt16, Reason)])
    func `a factor that is none makes its value bad`(_ factor: UInt16, _ reason: Reason) {
        #expect(Point(source()).content(of: [1234, factor]) == .bad(reason))
    }

    @Test func `the value's own sentinel counts whatever the factor`() {
        var source = source()
        source.unavailable = [0x8000]
        #expect(Point(source).content(of: [0x8000, 0]) == .bad(.notAvailable))
        #expect(Point(source).content(of: [0x8000, 99]) == .bad(.notAvailable))
    }

    @Test func `the range is of the value, not of the raw number`() {
        var source = source()
        source.range = 0...500
        #expect(Point(source).content(of: [4900, 0xFFFF]) == .good(.number(490)))
        #expect(Point(source).content(of: [490, 1]) == .bad(.outOfRange))
    }

    @Test func `a factor may stand before its value, and away from it`() {
        let behind = Point(source(.uint32, width: 2, at: 20, factorAt: 25))
        #expect(behind.extent == 20..<26)
        #expect(behind.content(of: [1, 0, 9, 9, 9, 0xFFFF]) == .good(.number(6553.6)))
        let before = Point(source(.uint32, width: 2, at: 20, factorAt: 17, order: .dcba))
        #expect(before.extent == 17..<22)
        #expect(before.content(of: [0xFFFF, 9, 9, 0, 0x0100]) == .good(.number(6553.6)))
    }

    /// Every layout of signals over some registers: the plan never parts what belongs together.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `a value and its factor are always in one answer`(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let maxRegisters = Int(dice.roll() * 20) + 12
        let sources = (0..<30).map { index in
            let address = Int(dice.roll() * 300) + 20
            let factor = address + Int(dice.roll() * Double(maxRegisters - 4)) + 2
            var source = source(
                .uint32, width: 2, at: UInt16(address), factorAt: UInt16(factor))
            source.name = "s\(index)"
            if dice.roll() < 0.5 { source.scaleFactor = nil }
            return source
        }
        let points = sources.map(Point.init)
        let periods = sources.map { _ in Duration.seconds(dice.roll() < 0.7 ? 1 : 10) }
        let plan = ReadPlan(
            points, periods: periods, unit: 1, maxRegisters: maxRegisters,
            maxGap: Int(dice.roll() * 8))
        var served: Set<Int> = []
        for read in plan.reads {
            #expect(read.request.count <= maxRegisters, "seed \(seed)")
            for passenger in read.passengers {
                let extent = points[passenger.point].extent
                #expect(Int(read.request.start) + passenger.offset == extent.lowerBound)
                #expect(passenger.offset + extent.count <= read.request.count, "seed \(seed)")
                #expect(served.insert(passenger.point).inserted, "seed \(seed)")
            }
        }
        #expect(served.count == points.count, "seed \(seed)")
    }

    /// Every register of an answer holds the number of the answer: a value made of two would show
    /// two numbers.
    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `no value is ever made of two answers`(seed: UInt64) {
        var dice = Dice(seed: seed)
        let signals = (0..<12).map { index in
            var source = source(
                .uint64, width: 4, at: UInt16(Int(dice.roll() * 80) + 10),
                factorAt: UInt16(Int(dice.roll() * 8)))
            source.name = "s\(index)"
            source.every = .seconds(Int(dice.roll() * 3) + 1)
            if dice.roll() < 0.7 { source.scaleFactor = nil }
            if dice.roll() < 0.5 { source.isConfirmed = true }
            if dice.roll() < 0.3 { source.counter = Counter(rollover: 0x1p64) }
            return source
        }
        let answers = AnswerCount()
        let line = ManualLine(
            .sample([.sample(signals, maxRegisters: 125)]), for: .seconds(40),
            reply: { request, _ in
                let number = answers.next()
                // Now and then one is lost, so that plans, probes and returns mix.
                if number % 11 == 7 { return .fail(.silent) }
                let low = UInt16(number % 3)
                return .words(
                    (0..<request.count).map { Int(request.start) + $0 < 10 ? 0 : low })
            })
        var whole = 0
        for content in line.reports.flatMap(\.observations).map(\.content) {
            guard case .good(let value) = content, let number = value.number else { continue }
            let words: Set<Double> = [0, 0x0001_0001_0001_0001, 0x0002_0002_0002_0002]
            #expect(words.contains(number), "seed \(seed)")
            whole += 1
        }
        #expect(whole > 15, "seed \(seed)")
    }
}

extension Dice {
    /// 0 up to 1.
    fileprivate mutating func roll() -> Double { Double.random(in: 0..<1, using: &self) }
}
