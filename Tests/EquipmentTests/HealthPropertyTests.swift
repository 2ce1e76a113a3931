// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@Suite struct HealthPropertyTests {
    @Test func `failure outranks check-function, off-spec, maintenance and normal`() {
        let ranked = HealthStatus.allCases.sorted { $0.rank > $1.rank }
        #expect(ranked == [.failure, .checkFunction, .offSpec, .maintenanceRequired, .normal])
        #expect(Set(ranked.map(\.rank)).count == 5)
    }

    @Test(
        arguments: [
            ([], 100), ([(.maintenanceRequired, 0)], 89), ([(.maintenanceRequired, 0.4)], 82),
            ([(.maintenanceRequired, 0.4), (.offSpec, 0.2)], 52),
            ([(.maintenanceRequired, 0.4), (.offSpec, 0.2), (.maintenanceRequired, 0)], 47),
            ([(.offSpec, 0)], 69), ([(.failure, 0)], 20), ([(.failure, 1)], 0),
            ([(.checkFunction, 0)], 100),
        ] as [([(HealthStatus, Double)], Int)])
    func `the index follows the published formula`(
        factors: [(HealthStatus, Double)], index: Int
    ) {
        let factors = factors.map { HealthIndex.Factor(status: $0.0, severity: $0.1) }
        #expect(HealthIndex.of(factors) == index)
    }

    /// Getting worse: more severe, graver by rank (a check aside, which takes nothing), or more.
    @Test(arguments: [7, 1_000_003] as [UInt64])
    func `nothing that gets worse raises the index`(seed: UInt64) {
        var random = Seeded(state: seed)
        let grades: [HealthStatus] = [.maintenanceRequired, .offSpec, .failure]
        for run in 0..<10_000 {
            var factors = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                HealthIndex.Factor(
                    status: grades.randomElement(using: &random) ?? .failure,
                    severity: .random(in: 0...1, using: &random))
            }
            let before = HealthIndex.of(factors)
            let place = Int.random(in: 0..<factors.count, using: &random)
            let old = factors[place]
            switch Int.random(in: 0...2, using: &random) {
            case 0:
                factors[place] = .init(
                    status: old.status, severity: .random(in: old.severity...1, using: &random))
            case 1:
                let graver = grades.filter { $0.rank >= old.status.rank }
                factors[place] = .init(
                    status: graver.randomElement(using: &random) ?? .failure,
                    severity: graver.count == 1
                        ? old.severity : .random(in: old.severity...1, using: &random))
            default: factors.append(.init(status: .maintenanceRequired, severity: 0))
            }
            let after = HealthIndex.of(factors)
            #expect(after <= before, "seed \(seed), run \(run)")
            #expect((0...100).contains(after))
        }
    }

    /// Random readings, gaps, gates and rules: transitions chain, and each is borne out.
    @Test(arguments: [1, 42, 99_991] as [UInt64])
    func `every transition follows from its own evidence`(seed: UInt64) {
        var random = Seeded(state: seed)
        var seen = 0
        for run in 0..<400 {
            let rule = randomRule(using: &random)
            var condition = condition(rule, period: .seconds(1))
            var last = (state: ConditionState.unknown, status: HealthStatus?.none)
            var second = 0.0
            for _ in 0..<60 {
                second += Double([0, 1, 1, 1, 2, 5, 400].randomElement(using: &random) ?? 1)
                guard let transition = step(&condition, at: at(second), using: &random) else {
                    continue
                }
                seen += 1
                #expect(transition.from == last.state, "seed \(seed), run \(run)")
                #expect(transition.isBorneOut, "seed \(seed), run \(run): \(transition)")
                #expect(transition.to != last.state || transition.status != last.status)
                last = (transition.to, transition.status)
            }
        }
        #expect(seen > 1_000)
    }

    private func randomRule(using random: inout Seeded) -> ConditionRule {
        func maybe(_ value: Double) -> Double? { Bool.random(using: &random) ? value : nil }
        let limits = ConditionRule.Limits(
            high: maybe(70) ?? 75, low: maybe(30), criticalHigh: maybe(85),
            criticalLow: maybe(15))
        return rule(
            limits: limits, hysteresis: [0, 5].randomElement(using: &random) ?? 0,
            onDelay: .seconds([0, 2].randomElement(using: &random) ?? 0),
            offDelay: .seconds([0, 2].randomElement(using: &random) ?? 0),
            gate: Bool.random(using: &random) ? "drive/running" : nil)
    }

    private func step(
        _ condition: inout Condition, at now: Moment, using random: inout Seeded
    ) -> Transition? {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: condition.observe(.bad(.noAnswer), at: now)
        case 1: condition.tick(at: now)
        case 2 where condition.rule.gate != nil:
            condition.observeGate(.good(.boolean(.random(using: &random))), at: now)
        case 3 where condition.rule.gate != nil:
            condition.observeGate(.bad(.noAnswer), at: now)
        default: condition.observe(good(.random(in: 0...100, using: &random)), at: now)
        }
    }
}
