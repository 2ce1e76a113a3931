// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment
import Modbus
import Testing

@testable import Acquisition
@testable import Plant

extension DerivedSignal {
    static func sample(
        _ operation: Operation, of inputs: [String], name: String = "it", scale: Double = 1,
        range: ClosedRange<Double>? = nil
    ) -> DerivedSignal {
        DerivedSignal(
            name: name, operation: operation, inputs: inputs, scale: scale, unit: nil, role: nil,
            range: range, publishing: .always)
    }
}

struct DerivationTests {
    typealias Row = (DerivedSignal.Operation, [Double], Double?)

    @Test(
        arguments: [
            (.sum, [1, 2, 3.5], 6.5), (.sum, [0.1, 0.2], 0.3), (.sum, [-4, 4], 0),
            (.sum, [1e15, 0.25], 1_000_000_000_000_000.25),
            (.difference, [230.4, 230.3], 0.1), (.difference, [3, 5], -2),
            (.difference, [123_456_789.1, 0.2], 123_456_788.9),
            (.ratio, [1, 4], 0.25), (.ratio, [-3, 2], -1.5), (.ratio, [0, 2], 0),
            (.ratio, [2, 3], 0.666666667), (.ratio, [1, 0], nil), (.ratio, [0, 0], nil),
            (.ratio, [1e308, 1e-308], nil), (.sum, [1e308, 1e308], nil),
            // The example of the standard: 460, 467 and 450 V are 1.96 % apart.
            (.unbalance, [460, 467, 450], 1.96078431), (.unbalance, [400, 400, 400], 0),
            (.unbalance, [3, 0, 0], 200), (.unbalance, [0, 0, 0], nil),
            (.unbalance, [-1, -2, -3], nil), (.unbalance, [1, -1, 0], nil),
            (.unbalance, [100, 100, 100, 120], 14.2857143),
        ] as [Row])
    func `numbers make the number that the operation says`(row: Row) {
        let inputs = row.1.map { Reading.Content.good(.number($0)) }
        let found = DerivedSignal.sample(row.0, of: []).content(of: inputs)
        #expect(found == row.2.map { .good(.number($0)) } ?? .bad(.outOfRange))
    }

    @Test func `scale and range are those of the result`() {
        let percent = DerivedSignal.sample(.ratio, of: [], scale: 100, range: 0...100)
        #expect(percent.content(of: [1, 8].map { .good(.number($0)) }) == .good(.number(12.5)))
        #expect(percent.content(of: [9, 8].map { .good(.number($0)) }) == .bad(.outOfRange))
    }

    @Test func `a bad input makes it bad for that input's reason, the first of several`() {
        let sum = DerivedSignal.sample(.sum, of: [])
        let one = Reading.Content.good(.number(1))
        #expect(sum.content(of: [one, .bad(.noAnswer), one]) == .bad(.noAnswer))
        #expect(
            sum.content(of: [.bad(.refused(exception: 2)), .bad(.noAnswer)])
                == .bad(.refused(exception: 2)))
    }

    @Test func `what is uncertain stays so, and bad outweighs it`() {
        let sum = DerivedSignal.sample(.sum, of: [])
        let doubtful = Reading.Content.uncertain(.number(2), .outOfService)
        #expect(
            sum.content(of: [.good(.number(1)), doubtful])
                == .uncertain(.number(3), .outOfService))
        #expect(sum.content(of: [doubtful, .bad(.garbled)]) == .bad(.garbled))
    }

    @Test(
        arguments: [
            (.difference, [.unsigned(.max), .unsigned(.max - 3)], .number(3)),
            (.difference, [.integer(0x20_0000_0000_0001), .number(1)], .number(0x1p53)),
            (.difference, [.number(-1), .integer(.max - 1)], .integer(.min + 1)),
            (.sum, [.number(0x1p53), .number(1)], .integer(0x20_0000_0000_0001)),
            (.sum, [.unsigned(.max - 1), .number(1)], .unsigned(.max)),
        ] as [(DerivedSignal.Operation, [Value], Value)])
    func `whole numbers stay exact as far as 64 bits go`(
        operation: DerivedSignal.Operation, inputs: [Value], result: Value
    ) {
        let derived = DerivedSignal.sample(operation, of: [])
        #expect(derived.content(of: inputs.map { .good($0) }) == .good(result))
    }

    @Test func `beyond 64 bits, or scaled, they count as the nearest Double`() {
        let inputs: [Reading.Content] = [.good(.unsigned(.max)), .good(.number(1))]
        let sum = DerivedSignal.sample(.sum, of: [])
        #expect(sum.content(of: inputs) == .good(.number(0x1p64)))
        let half = DerivedSignal.sample(.sum, of: [], scale: 0.5)
        #expect(half.content(of: inputs) == .good(.number(0x1p63)))
    }
}

struct DerivedWatchTests {
    /// a is signal 0, b signal 1 with a period of its own, and what is derived of them signal 2.
    private func watch(_ operation: DerivedSignal.Operation = .sum, period: Double = 1)
        -> DerivedWatch
    {
        DerivedWatch([
            DerivedPlan(
                source: .sample(operation, of: ["a", "b"]), signal: 2, inputs: [0, 1],
                period: .seconds(period))
        ])
    }

    /// When a report comes, with what; and what follows.
    private func follow(
        _ watch: DerivedWatch, _ polls: [(Double, [Int: Reading.Content])]
    ) -> [(Double, Reading.Content)] {
        var watch = watch
        return polls.compactMap { second, contents in
            var report = Report(line: 0, at: .at(second))
            report.observations = contents.sorted { $0.key < $1.key }
                .map { .init(signal: $0.key, content: $0.value) }
            watch.complete(&report)
            return report.observations.dropFirst(contents.count).first.map { (second, $0.content) }
        }
    }

    private func text(_ found: [(Double, Reading.Content)]) -> [String] {
        found.map { second, content in
            "\(second) \(content.value?.number.map { "\($0)" } ?? content.reason?.word ?? "")"
        }
    }

    private func good(_ number: Double) -> Reading.Content { .good(.number(number)) }

    @Test func `one answer with all inputs is enough`() {
        let found = follow(
            watch(), [(0, [0: good(1), 1: good(2)]), (1, [0: good(3), 1: good(4)])])
        #expect(text(found) == ["0.0 3.0", "1.0 7.0"])
    }

    @Test func `it is worked out with the answer that brings the last input`() {
        let found = follow(
            watch(),
            [(0, [0: good(1)]), (0.1, [1: good(2)]), (1, [0: good(3)]), (1.1, [1: good(4)])])
        #expect(text(found) == ["0.1 3.0", "1.1 7.0"])
    }

    @Test func `a slow input sets the pace, with the newest of the fast one`() {
        var polls: [(Double, [Int: Reading.Content])] = []
        for second in 0..<21 {
            polls.append((Double(second), [0: good(Double(second))]))
            if second % 10 == 0 { polls.append((Double(second) + 0.2, [1: good(100)])) }
        }
        let found = follow(watch(period: 10), polls)
        #expect(text(found) == ["0.2 100.0", "10.2 110.0", "20.2 120.0"])
    }

    @Test func `an input of the cycle before is not mixed with one of this`() {
        let polls: [(Double, [Int: Reading.Content])] = [
            (0, [0: good(1)]), (0.1, [1: good(2)]), (1, [0: .bad(.noAnswer)]), (1.1, [1: good(4)]),
            (2, [0: good(5)]), (2.1, [1: good(6)]), (3, [0: good(7)]), (3.1, [1: good(8)]),
        ]
        #expect(
            text(follow(watch(), polls)) == ["0.1 3.0", "1.0 no-answer", "2.1 11.0", "3.1 15.0"])
    }

    @Test func `a bad input makes it bad at once, and once a report`() {
        let polls: [(Double, [Int: Reading.Content])] = [
            (0, [0: good(1)]), (0.1, [1: .bad(.refused(exception: 2))]), (1, [0: good(1)]),
            (1.1, [1: .bad(.refused(exception: 2))]),
            (2, [0: .bad(.noAnswer), 1: .bad(.noAnswer)]),
        ]
        #expect(
            text(follow(watch(), polls)) == ["0.1 refused", "1.1 refused", "2.0 no-answer"])
    }

    @Test func `nothing is said before all inputs were read`() {
        #expect(follow(watch(), [(0, [0: good(1)]), (1, [0: good(1)])]).isEmpty)
    }

    @Test func `what is derived goes into what stands below it`() {
        let watch = DerivedWatch([
            DerivedPlan(
                source: .sample(.sum, of: ["a", "b"]), signal: 2, inputs: [0, 1],
                period: .seconds(1)),
            DerivedPlan(
                source: .sample(.ratio, of: ["a", "it"], name: "share"), signal: 3,
                inputs: [0, 2], period: .seconds(1)),
        ])
        var polled = watch
        var report = Report(line: 0, at: .at(0))
        report.observations = [
            .init(signal: 0, content: good(1)), .init(signal: 1, content: good(3)),
        ]
        polled.complete(&report)
        #expect(
            report.observations.dropFirst(2).map(\.content) == [good(4), good(0.25)])
    }
}

/// A profile with a derived signal, polled: a at 0, b at 200 in a request of its own.
struct DerivedLineTests {
    static var configuration: Configuration {
        var profile = Profile.sample([.sample(name: "a"), .sample(name: "b", at: 200)])
        profile.derived = [.sample(.difference, of: ["b", "a"], name: "rise")]
        return .sample(
            [profile, profile],
            conditions: [
                ConditionRule(
                    condition: "steep", component: nil, signal: "d1/rise",
                    limits: .init(high: 150), hysteresis: 0, onDelay: .zero, offDelay: .zero,
                    gate: nil, status: .offSpec, action: nil)
            ])
    }

    @Test func `derived signals stand behind the others of their device`() {
        let plan = PollPlan(Self.configuration)
        #expect(
            plan.signals.map(\.name)
                == ["d1/a", "d1/b", "d1/rise", "d2/a", "d2/b", "d2/rise"])
        #expect(plan.devices.map(\.signals) == [0..<3, 3..<6])
        #expect(plan.periods.count == 6)
    }

    @Test func `it has the time of the last of its inputs`() {
        let line = ManualLine(Self.configuration, for: .seconds(2.5))
        #expect(line.contents(of: 2) == Array(repeating: .good(.number(200)), count: 3))
        for report in line.reports where report.observations.contains(where: { $0.signal == 2 }) {
            #expect(report.observations.first?.signal == 1)
        }
    }

    @Test func `a silent device makes its own bad, and no other's`() {
        let line = ManualLine(Self.configuration, for: .seconds(9)) { request, _ in
            request.unit == 1 ? .fail(.silent) : .answer
        }
        #expect(line.contents(of: 2).allSatisfy { $0 == .bad(.noAnswer) })
        #expect(!line.contents(of: 2).isEmpty)
        #expect(line.contents(of: 5).contains(.good(.number(200))))
    }

    @Test func `conditions and snapshots know it`() throws {
        let configuration = Self.configuration
        let line = ManualLine(configuration, for: .seconds(1.5))
        var ledger = Ledger(configuration, PollPlan(configuration), boot: .sample, at: .at(0))
        let events = ledger.take(Mailbox.Contents(reports: line.reports)).map(\.summary)
        #expect(events.contains("steep active"))
        let signals = ledger.snapshot(at: .at(1.5))[0].signals
        #expect(signals.map(\.content)[2] == .good(.number(200)))
    }
}
