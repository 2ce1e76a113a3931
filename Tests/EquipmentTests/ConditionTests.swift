// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@Suite struct ConditionTests {
    /// One row: the rule, and the state after each of a row of readings, one second apart.
    struct Row: CustomTestStringConvertible, Sendable {
        let name: String
        let rule: ConditionRule
        let steps: [(Reading.Content, ConditionState)]
        var testDescription: String { name }
    }

    static let high = rule()
    static let low = rule(limits: .init(low: 10))
    static let both = rule(limits: .init(high: 100, low: 10))
    static let slow = rule(onDelay: .seconds(3), offDelay: .seconds(2))

    @Test(arguments: [
        Row(
            name: "raised at the limit, cleared at limit minus hysteresis, exactly", rule: high,
            steps: [
                (good(99.999), .inactive), (good(100), .active), (good(95.001), .active),
                (good(95), .inactive), (good(99.999), .inactive),
            ]),
        Row(
            name: "a low limit is the mirror image", rule: low,
            steps: [
                (good(10.001), .inactive), (good(10), .active), (good(14.999), .active),
                (good(15), .inactive),
            ]),
        Row(
            name: "without hysteresis the limit itself still counts as exceeded",
            rule: rule(hysteresis: 0),
            steps: [(good(100), .active), (good(100), .active), (good(99.999), .inactive)]),
        Row(
            name: "from one limit to the other there is no pause", rule: both,
            steps: [(good(100), .active), (good(9), .active), (good(50), .inactive)]),
        Row(
            name: "a value trembling within the hysteresis changes nothing", rule: high,
            steps: [
                (good(100), .active), (good(96), .active), (good(101), .active),
                (good(96), .active), (good(95.5), .active),
            ]),
        Row(
            name: "an on-delay needs the whole time without a break", rule: slow,
            steps: [
                (good(100), .pending), (good(101), .pending), (good(99), .inactive),
                (good(100), .pending), (good(100), .pending), (good(100), .pending),
                (good(100), .active),
            ]),
        Row(
            name: "an off-delay starts again when the value relapses", rule: slow,
            steps: [
                (good(100), .pending), (good(100), .pending), (good(100), .pending),
                (good(100), .active), (good(95), .clearing), (good(96), .active),
                (good(95), .clearing), (good(90), .clearing), (good(90), .inactive),
            ]),
        Row(
            name: "bad data neither raises nor clears, and delays start again", rule: slow,
            steps: [
                (good(100), .pending), (good(100), .pending), (.bad(.noAnswer), .unknown),
                (good(100), .pending), (good(100), .pending), (good(100), .pending),
                (good(100), .active), (.bad(.notAvailable), .active), (good(90), .clearing),
                (.bad(.noAnswer), .active), (good(90), .clearing), (good(90), .clearing),
                (good(90), .inactive),
            ]),
        Row(
            name: "what is no number is no data", rule: high,
            steps: [
                (.good(.boolean(true)), .unknown), (.good(.text("120")), .unknown),
                (.good(.integer(1 << 62)), .active), (.good(.text("1")), .active),
            ]),
        Row(
            name: "coming back from one limit needs no distance from the other",
            rule: rule(limits: .init(high: 100, low: 90), hysteresis: 8),
            steps: [
                (good(100), .active), (good(93), .active), (good(92), .inactive),
                (good(90), .active), (good(97.9), .active), (good(98), .inactive),
            ]),
        Row(
            name: "an overdue calibration is still judged, a device out of service is not",
            rule: high,
            steps: [
                (.uncertain(.number(101), .outOfService), .unknown),
                (.uncertain(.number(101), .calibrationOverdue), .active),
                (.uncertain(.number(1), .outOfService), .active),
            ]),
    ])
    func `readings lead to states`(row: Row) {
        var condition = condition(row.rule)
        #expect(condition.state == .unknown)
        for (second, step) in row.steps.enumerated() {
            _ = condition.observe(step.0, at: at(Double(second)))
            #expect(condition.state == step.1, "after step \(second)")
        }
    }

    @Test func `a delay elapses without a reading`() throws {
        var condition = condition(Self.slow, period: .seconds(10))
        #expect(condition.observe(good(100), at: at(0)) == nil)
        #expect(condition.tick(at: at(2.999)) == nil)
        let raised = try settled(condition.tick(at: at(3)))
        #expect(raised.to == .active)
        #expect(raised.evidence.held == .seconds(3))
        #expect(raised.evidence.since == at(0).time)
        #expect(condition.tick(at: at(4)) == nil)
        _ = condition.observe(good(90), at: at(10))
        #expect(condition.state == .clearing)
        #expect(condition.tick(at: at(12))?.to == .inactive)
    }

    @Test func `a gap of more than three periods starts the delay again`() {
        var condition = condition(Self.slow)
        _ = condition.observe(good(100), at: at(0))
        #expect(condition.observe(good(100), at: at(3.001)) == nil)
        #expect(condition.state == .pending)
        #expect(condition.observe(good(100), at: at(5.9)) == nil)
        #expect(condition.observe(good(100), at: at(6.001))?.to == .active)
    }

    @Test func `a condition without readings is neither raised by a tick nor trusted`() {
        var condition = condition(Self.slow)
        _ = condition.observe(good(100), at: at(0))
        #expect(condition.tick(at: at(3.5)) == nil)
        #expect(!condition.hasData)
    }

    @Test(arguments: [(1, 300), (60, 600)])
    func `data lacking for ten periods, or five minutes, makes it unknown`(
        period: Int, hold: Double
    ) throws {
        var condition = condition(Self.high, period: .seconds(period))
        _ = condition.observe(good(100), at: at(0))
        for second in stride(from: 1, to: hold + 1, by: 1) {
            #expect(condition.observe(.bad(.noAnswer), at: at(second)) == nil)
        }
        #expect(condition.state == .active)
        let lost = try settled(condition.observe(.bad(.noAnswer), at: at(hold + 1)))
        #expect(lost.from == .active)
        #expect(lost.to == .unknown)
        #expect(lost.status == nil)
        #expect(lost.evidence.reason == .noAnswer)
        #expect(lost.isBorneOut)
        #expect(condition.observe(good(100), at: at(hold + 2))?.from == .unknown)
    }
}
