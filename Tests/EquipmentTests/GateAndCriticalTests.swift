// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@Suite struct GateAndCriticalTests {
    static let gated = rule(onDelay: .seconds(2), offDelay: .seconds(2), gate: "drive/running")

    @Test func `a gate that is not known leaves the condition unknown`() {
        var condition = condition(Self.gated)
        #expect(condition.observe(good(120), at: at(0)) == nil)
        #expect(condition.state == .unknown)
        #expect(!condition.hasData)
        #expect(condition.observeGate(.bad(.noAnswer), at: at(1)) == nil)
        #expect(condition.state == .unknown)
    }

    @Test func `while the gate is closed a rule does not apply`() throws {
        var condition = condition(Self.gated)
        _ = condition.observeGate(.good(.boolean(false)), at: at(0))
        let first = try settled(condition.observe(good(120), at: at(0)))
        #expect(first.to == .inactive)
        #expect(first.evidence.finding == .notJudged)
        for second in 1...9 {
            #expect(condition.observe(good(120), at: at(Double(second))) == nil)
        }
        #expect(condition.state == .inactive)
    }

    @Test func `a gate that closes starts the delay again and keeps what is active`() {
        var condition = condition(Self.gated)
        func gate(_ isOpen: Bool, _ second: Double) {
            _ = condition.observeGate(.good(.boolean(isOpen)), at: at(second))
        }
        func observe(_ number: Double, _ second: Double) -> ConditionState {
            _ = condition.observe(good(number), at: at(second))
            return condition.state
        }
        gate(true, 0)
        #expect(observe(120, 0) == .pending)
        gate(false, 1)
        #expect(observe(120, 1) == .inactive)
        gate(true, 2)
        #expect(observe(120, 2) == .pending)
        #expect(observe(120, 4) == .active)
        gate(false, 5)
        #expect(observe(20, 5) == .active)
        #expect(observe(20, 8) == .active)
        #expect(condition.text.hasSuffix("not judged while drive/running is false"))
        gate(true, 9)
        #expect(observe(20, 9) == .clearing)
        #expect(observe(20, 11) == .inactive)
    }

    @Test func `beyond the critical limit it is a failure, by a transition of its own`() throws {
        var condition = condition(
            rule(limits: .init(high: 100, criticalHigh: 120), status: .maintenanceRequired))
        let raised = try settled(condition.observe(good(110), at: at(0)))
        #expect(raised.from == .unknown)
        #expect(raised.status == .maintenanceRequired)
        #expect(raised.severity == 0.5)
        #expect(condition.observe(good(119.9), at: at(1)) == nil)
        let escalated = try settled(condition.observe(good(120), at: at(2)))
        #expect(escalated.from == .active)
        #expect(escalated.to == .active)
        #expect(escalated.status == .failure)
        #expect(escalated.severity == 1)
        #expect(escalated.evidence.limit == Limit(kind: .criticalHigh, value: 120))
        #expect(condition.observe(good(115.5), at: at(3)) == nil)
        let eased = try settled(condition.observe(good(115), at: at(4)))
        #expect(eased.from == .active)
        #expect(eased.to == .active)
        #expect(eased.status == .maintenanceRequired)
        #expect(eased.isBorneOut)
        let cleared = try settled(condition.observe(good(95), at: at(5)))
        #expect(cleared.status == .normal)
        #expect(cleared.evidence.finding == .clear(of: Limit(kind: .high, value: 100)))
    }

    @Test func `critical also waits for the on-delay, and clears at once with the rest`() throws {
        var condition = condition(
            rule(limits: .init(high: 100, criticalHigh: 120), onDelay: .seconds(2)))
        _ = condition.observe(good(105), at: at(0))
        #expect(condition.observe(good(125), at: at(2))?.status == .offSpec)
        #expect(condition.observe(good(125), at: at(3)) == nil)
        #expect(condition.observe(good(125), at: at(4))?.status == .failure)
        let cleared = try settled(condition.observe(good(20), at: at(5)))
        #expect(cleared.to == .inactive)
        #expect(cleared.isBorneOut)
    }

    @Test func `a rule with critical limits alone has no severity and is a failure`() throws {
        var condition = condition(rule(limits: .init(criticalLow: 10)))
        let raised = try settled(condition.observe(good(9), at: at(0)))
        #expect(raised.status == .failure)
        #expect(raised.severity == 0)
        #expect(condition.observe(good(15), at: at(1))?.to == .inactive)
    }

    @Test(arguments: [
        (99.0, "hot: 99 Cel, limit-high 100 Cel, critical-high 120 Cel"),
        (
            123.39999389648438,
            "hot: 123.4 Cel, above critical limit 120 Cel since 2026-11-20T01:03:53.000Z"
        ),
        (
            100.0 + 1 / 3,
            "hot: 100.333 Cel, above limit 100 Cel since 2026-11-20T01:03:53.000Z"
        ),
    ])
    func `an operator reads the value, the limit and since when`(number: Double, text: String) {
        var condition = condition(rule(limits: .init(high: 100, criticalHigh: 120)))
        _ = condition.observe(good(number), at: at(0))
        #expect(condition.text == text)
    }

    @Test func `an operator reads why there is no value`() {
        var condition = condition(rule())
        #expect(condition.text == "hot: no value (not-yet-read), limit-high 100 Cel")
        _ = condition.observe(.bad(.noAnswer), at: at(0))
        #expect(condition.text == "hot: no value (no-answer), limit-high 100 Cel")
    }
}
