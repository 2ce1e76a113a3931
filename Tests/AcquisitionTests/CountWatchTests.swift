// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Testing

@testable import Acquisition
@testable import Buffer
@testable import Plant

struct CountWatchTests {
    /// What a poll finds, and what is to be said of it.
    struct Poll: Sendable {
        let raw: UInt64
        let verdict: String

        init(_ raw: UInt64, _ verdict: String) {
            self.raw = raw
            self.verdict = verdict
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var width = 2
        var modulus: Double? = 0x1p32
        let polls: [Poll]
    }

    static let rows: [Row] = [
        Row(
            testDescription: "one register is taken as it is", width: 1, modulus: 0x1p16,
            polls: [Poll(9, "taken"), Poll(300, "taken"), Poll(65_535, "taken")]),
        Row(
            testDescription: "the first of two registers is confirmed",
            polls: [Poll(0x1_0000, "again"), Poll(0x1_0000, "taken"), Poll(0x1_0001, "taken")]),
        Row(
            testDescription: "a first value that is torn is not taken",
            polls: [Poll(0x1_0000, "again"), Poll(0x2_0000, "again"), Poll(0x2_0001, "taken")]),
        Row(
            testDescription: "the high word goes on",
            polls: [
                Poll(0x1_FFFE, "again"), Poll(0x1_FFFF, "taken"), Poll(0x2_0000, "again"),
                Poll(0x2_0001, "taken"), Poll(0x2_0002, "again"), Poll(0x2_0003, "taken"),
                Poll(0x2_0004, "taken"),
            ]),
        Row(
            testDescription: "the old high word beside the new low one",
            polls: [
                Poll(0x1_FFFE, "again"), Poll(0x1_FFFF, "taken"), Poll(0x1_0000, "again"),
                Poll(0x2_0001, "again"), Poll(0x2_0002, "taken"),
            ]),
        Row(
            testDescription: "the new high word beside the old low one",
            polls: [
                Poll(0x1_FFFE, "again"), Poll(0x1_FFFF, "taken"), Poll(0x2_FFFF, "again"),
                Poll(0x2_0001, "again"), Poll(0x2_0002, "taken"),
            ]),
        Row(
            testDescription: "the new high word beside the old low one, for longer than a pause",
            polls: [
                Poll(0x1_FFFE, "again"), Poll(0x1_FFFF, "taken"), Poll(0x2_FFFF, "again"),
                Poll(0x2_FFFF, "again"), Poll(0x2_0001, "again"), Poll(0x2_0001, "taken"),
            ]),
        Row(
            testDescription: "the high word goes on while it is confirmed",
            polls: [
                Poll(0x1_0000, "again"), Poll(0x1_0000, "taken"), Poll(0x2_F000, "again"),
                Poll(0x2_0010, "again"), Poll(0x3_0011, "again"), Poll(0x3_8000, "taken"),
            ]),
        Row(
            testDescription: "the high word seems to stand still in a fast counter",
            polls: [
                Poll(0x1_0000, "again"), Poll(0x1_0000, "taken"), Poll(0x2_4000, "again"),
                Poll(0x2_6000, "taken"), Poll(0x2_8000, "again"), Poll(0x3_9000, "again"),
                Poll(0x3_A000, "taken"),
            ]),
        Row(
            testDescription: "never twice the same high word",
            polls: [
                Poll(0x1_0000, "again"), Poll(0x2_0000, "again"), Poll(0x3_0000, "again"),
                Poll(0x4_0000, "torn"), Poll(0x5_0000, "again"), Poll(0x5_0000, "taken"),
            ]),
        Row(
            testDescription: "16 bits come round", width: 1, modulus: 0x1p16,
            polls: [Poll(65_000, "taken"), Poll(100, "rollover 65000 100")]),
        Row(
            testDescription: "16 bits are reset", width: 1, modulus: 0x1p16,
            polls: [Poll(30_000, "taken"), Poll(0, "reset 30000 0"), Poll(1, "taken")]),
        Row(
            testDescription: "far beyond zero is no roll-over", width: 1, modulus: 0x1p16,
            polls: [Poll(65_000, "taken"), Poll(20_000, "reset 65000 20000")]),
        Row(
            testDescription: "32 bits come round",
            polls: [
                Poll(0xFFFF_FFF0, "again"), Poll(0xFFFF_FFF1, "taken"), Poll(3, "again"),
                Poll(4, "rollover 4294967281 4"),
            ]),
        Row(
            testDescription: "64 bits come round", width: 4, modulus: 0x1p64,
            polls: [
                Poll(.max - 9, "again"), Poll(.max - 9, "taken"), Poll(1, "again"),
                Poll(1, "rollover 1.8446744073709552e+19 1"),
            ]),
        Row(
            testDescription: "a decimal counter comes round", modulus: 1e6,
            polls: [
                Poll(999_990, "again"), Poll(999_998, "taken"), Poll(2, "again"),
                Poll(3, "rollover 999998 3"),
            ]),
        Row(
            testDescription: "a decimal counter is exchanged", modulus: 1e6,
            polls: [
                Poll(800_000, "again"), Poll(800_000, "taken"), Poll(2, "again"),
                Poll(3, "reset 800000 3"),
            ]),
        Row(
            testDescription: "without a modulus it can only be reset", modulus: nil,
            polls: [
                Poll(0xFFFF_0000, "again"), Poll(0xFFFF_0000, "taken"), Poll(0, "again"),
                Poll(0, "again"), Poll(0, "reset 4294901760 0"),
            ]),
    ]

    private func name(_ verdict: CountWatch.Verdict) -> String {
        switch verdict {
        case .again: "again"
        case .torn: "torn"
        case .accepted(nil): "taken"
        case .accepted(let step?):
            "\(step.kind) \(Self.text(step.from)) \(Self.text(step.to))"
        }
    }

    private static func text(_ value: Value) -> String {
        let number = value.number ?? .nan
        return number < 1e15 ? "\(Int(number))" : "\(number)"
    }

    private func source(width: Int, modulus: Double?) -> ProfileSignal {
        let encoding: RegisterLayout.Encoding =
            width == 1 ? .uint16 : width == 2 ? .uint32 : .uint64
        var source = ProfileSignal.sample(encoding, width: width)
        source.counter = Counter(rollover: modulus)
        return source
    }

    private func words(_ raw: UInt64, width: Int) -> [UInt16] {
        (0..<width).reversed().map { UInt16(truncatingIfNeeded: raw >> UInt64(16 * $0)) }
    }

    @Test(arguments: rows)
    func `no torn value passes, and no counter goes back unseen`(_ row: Row) {
        let source = source(width: row.width, modulus: row.modulus)
        let point = Point(source)
        var watch = CountWatch(source)
        for (index, poll) in row.polls.enumerated() {
            let words = words(poll.raw, width: row.width)
            let count = point.count(in: words[...], content: point.content(of: words[...]))
            #expect(name(watch.take(count)) == poll.verdict, "poll \(index)")
        }
    }

    @Test func `the modulus is in the signal's unit`() {
        var source = source(width: 1, modulus: 10_000)
        source.scale = 0.1
        source.offset = 5
        let point = Point(source)
        var watch = CountWatch(source)
        _ = watch.take(point.count(in: [9_990], content: point.content(of: [9_990])))
        let verdict = watch.take(point.count(in: [7], content: point.content(of: [7])))
        #expect(
            verdict
                == .accepted(
                    CounterStep(
                        kind: .rollover, from: .number(1004), to: .number(5.7), modulus: 1000)))
    }

    @Test func `what is bad in between is no step`() {
        var source = source(width: 1, modulus: 0x1p16)
        source.unavailable = [0]
        let point = Point(source)
        var watch = CountWatch(source)
        for raw in [500, 0, 501] as [UInt16] {
            let verdict = watch.take(point.count(in: [raw], content: point.content(of: [raw])))
            #expect(verdict == .accepted(nil), "\(raw)")
        }
    }

    @Test func `another scale factor is no step`() {
        var source = source(width: 1, modulus: nil)
        source.scaleFactor = ScaleFactor(
            address: 1, layout: RegisterLayout(encoding: .int16, order: .abcd, width: 1),
            unavailable: [])
        let point = Point(source)
        var watch = CountWatch(source)
        for words in [[60_000, 0], [6_001, 1], [6_000, 1]] as [[UInt16]] {
            let verdict = watch.take(
                point.count(in: words[...], content: point.content(of: words[...])))
            #expect((verdict == .accepted(nil)) == (words != [6_000, 1]), "\(words)")
        }
    }

    @Test func `a signal that is confirmed and no counter may fall`() {
        var source = ProfileSignal.sample(.int32, width: 2)
        source.isConfirmed = true
        let point = Point(source)
        var watch = CountWatch(source)
        let verdicts = [
            [0, 5], [0, 5], [0, 4], [0xFFFF, 0xFFFF], [0xFFFF, 0xFFFE], [0xFFFF, 3], [0, 3],
            [0, 2],
        ].map { (words: [UInt16]) in
            name(watch.take(point.count(in: words[...], content: point.content(of: words[...]))))
        }
        #expect(
            verdicts == ["again", "taken", "taken", "again", "taken", "again", "again", "taken"])
    }

    /// A counter in a device that sets one of its two registers some time after the other.
    private struct TearingCounter {
        let start: Double
        /// A second.
        let rate: Double
        /// Seconds from one update to the next, and between its registers in each.
        let (update, tear): (Double, Double)
        let isHighFirst: Bool

        init(using dice: inout Dice) {
            update = Double(
                sign: .plus, exponent: Int.random(in: -10...0, using: &dice), significand: 1)
            tear = min(update, CountWatch.pause / .seconds(1)) * .random(in: 0...1, using: &dice)
            let most = 0x1p16 / (update + 2 * (CountWatch.pause / .seconds(1)))
            rate = min(most, 60_000) * .random(in: 0...1, using: &dice)
            start = 0x100_0000 - rate * .random(in: 0...8, using: &dice)
            isHighFirst = .random(using: &dice)
        }

        /// What it was before its last update and is after it, and what it says.
        func read(at time: Double) -> (before: UInt64, after: UInt64, told: UInt64) {
            let count = (time / update).rounded(.down)
            let (before, after) = (
                UInt64(start + rate * update * (count - 1)), UInt64(start + rate * update * count)
            )
            guard time - count * update < tear else { return (before, after, after) }
            let (high, low) = isHighFirst ? (after, before) : (before, after)
            return (before, after, high & ~0xFFFF | low & 0xFFFF)
        }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `a device that tears for a pause is never taken at its word`(seed: UInt64) {
        var dice = Dice(seed: seed)
        let source = source(width: 2, modulus: nil)
        let point = Point(source)
        for _ in 0..<500 {
            let device = TearingCounter(using: &dice)
            var watch = CountWatch(source)
            for second in 1...12 {
                var time = Double(second) + .random(in: 0...0.1, using: &dice)
                var verdict = CountWatch.Verdict.again
                while verdict == .again {
                    let (before, after, told) = device.read(at: time)
                    let words = words(told, width: 2)
                    verdict = watch.take(
                        point.count(in: words[...], content: point.content(of: words[...])))
                    if case .accepted(let step) = verdict {
                        #expect(step == nil, "seed \(seed): \(device)")
                        #expect([before, after].contains(told), "seed \(seed): \(device)")
                    }
                    time += CountWatch.pause / .seconds(1) + 0.01
                }
            }
        }
    }
}
