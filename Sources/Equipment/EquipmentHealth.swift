// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// The health of one equipment: its conditions, fed with readings and time.
///
/// A value that reads no clock. Health is known once a condition has been judged, and for as long
/// as one of them has data; an equipment without conditions is not judged by anyone, so its
/// health is not known. Lack of data is never `normal`.
package struct EquipmentHealth: Sendable {
    /// With a smaller share of usable signals, an index would say more than is known.
    static let leastCoverage = 0.5

    /// One for each rule, in their order.
    package private(set) var conditions: [Condition]
    /// Indices of the conditions that a signal is for, and of those it is the gate of.
    private let judged: [Signal: [Int]]
    private let gated: [Signal: [Int]]
    /// The index as it was when a check of the function began: work in progress must not move it.
    private var frozenIndex: Int?

    /// `rules` name signals among `signals`; `period` says how often a signal is read.
    package init(
        equipment: String, rules: [ConditionRule], signals: [Signal], from start: Moment,
        period: (Signal) -> Duration
    ) {
        var named: [String: Signal] = [:]
        if !rules.isEmpty { for signal in signals { named[signal.name] = signal } }
        var judged: [Signal: [Int]] = [:]
        var gated: [Signal: [Int]] = [:]
        conditions = []
        for (place, rule) in rules.enumerated() {
            guard let signal = named[rule.signal] else {
                preconditionFailure("the configuration resolves \(rule.signal)")
            }
            judged[signal, default: []].append(place)
            if let gate = rule.gate {
                guard let gateSignal = named[gate] else {
                    preconditionFailure("the configuration resolves \(gate)")
                }
                gated[gateSignal, default: []].append(place)
            }
            conditions.append(
                Condition(
                    rule, of: equipment, unit: signal.unit, period: period(signal), from: start))
        }
        self.judged = judged
        self.gated = gated
    }

    /// Takes the readings of one answer, gates first, so that none is judged by an older gate.
    ///
    /// Every poll counts here, also those whose readings are not published.
    package mutating func observe(_ readings: some Sequence<Reading>, at now: Moment)
        -> [Transition]
    {
        var transitions: [Transition] = []
        for reading in readings {
            for place in gated[reading.signal] ?? [] {
                note(conditions[place].observeGate(reading.content, at: now), in: &transitions)
            }
        }
        for reading in readings {
            for place in judged[reading.signal] ?? [] {
                note(conditions[place].observe(reading.content, at: now), in: &transitions)
            }
        }
        return transitions
    }

    /// Lets delays elapse without readings; due about once a second.
    package mutating func tick(at now: Moment) -> [Transition] {
        var transitions: [Transition] = []
        for place in conditions.indices {
            note(conditions[place].tick(at: now), in: &transitions)
        }
        return transitions
    }

    /// The wall clock was set by `step`: what is said of the past is said by the clock as it is now.
    package mutating func clockSet(by step: Duration) {
        for place in conditions.indices { conditions[place].clockSet(by: step) }
    }

    private mutating func note(_ transition: Transition?, in transitions: inout [Transition]) {
        guard var transition else { return }
        frozenIndex = flags.first == .checkFunction ? frozenIndex ?? currentIndex : nil
        transition.index = index
        transitions.append(transition)
    }
}

extension EquipmentHealth {
    /// Health as it stands after the last reading or tick.
    package var snapshot: HealthSnapshot {
        HealthSnapshot(
            status: status, flags: flags, index: index, coverage: coverage,
            conditions: conditions.map(\.snapshot))
    }

    /// Whether a condition has been judged and has data to uphold it.
    package var isKnown: Bool { conditions.contains(where: \.isKnown) }

    /// The gravest status that a raised condition asks for; `nil` where health is not known.
    package var status: HealthStatus? { isKnown ? flags.first ?? .normal : nil }

    /// Every status that raised conditions ask for, gravest first; none where health is not known.
    package var flags: [HealthStatus] {
        guard isKnown else { return [] }
        let asked = Set(conditions.lazy.filter(\.isRaised).map(\.status))
        return asked.subtracting([.normal]).sorted { $0.rank > $1.rank }
    }

    /// The share of watched signals that have data and, if gated, a known gate; 1 of none.
    package var coverage: Double {
        let watched = Set(conditions.lazy.map(\.rule.signal))
        guard !watched.isEmpty else { return 1 }
        let usable = Set(conditions.lazy.filter(\.hasData).map(\.rule.signal))
        return Double(usable.count) / Double(watched.count)
    }

    /// 0–100; `nil` where health is not known or too few signals are usable.
    package var index: Int? {
        guard isKnown, coverage >= Self.leastCoverage else { return nil }
        return frozenIndex ?? currentIndex
    }

    private var currentIndex: Int {
        var factors: [HealthIndex.Cause: HealthIndex.Factor] = [:]
        for condition in conditions where condition.isRaised {
            let cause = HealthIndex.Cause(
                component: condition.rule.component, signal: condition.rule.signal)
            let factor = HealthIndex.Factor(
                status: condition.status, severity: condition.severity)
            factors[cause] = factors[cause].map { $0.gravest(factor) } ?? factor
        }
        return HealthIndex.of(Array(factors.values))
    }
}
