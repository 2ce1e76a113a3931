// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

/// A rule with everything but what the test is about left plain.
func rule(
    _ condition: String = "hot", on signal: String = "drive/temperature",
    component: String? = "motor", limits: ConditionRule.Limits = .init(high: 100),
    hysteresis: Double = 5, onDelay: Duration = .zero, offDelay: Duration = .zero,
    gate: String? = nil, status: HealthStatus = .offSpec
) -> ConditionRule {
    ConditionRule(
        condition: condition, component: component, signal: signal, limits: limits,
        hysteresis: hysteresis, onDelay: onDelay, offDelay: offDelay, gate: gate, status: status,
        action: "Check cooling and load")
}

/// The moment `seconds` after the start of the test.
func at(_ seconds: Double) -> Moment {
    let start: Int64 = 1_795_136_633_000
    return Moment(
        monotonic: .milliseconds(Int64(seconds * 1_000)),
        time: Timestamp(milliseconds: start + Int64(seconds * 1_000)))
}

func condition(_ rule: ConditionRule, period: Duration = .seconds(1)) -> Condition {
    Condition(rule, of: "press-1", unit: "Cel", period: period, from: at(0))
}

func good(_ number: Double) -> Reading.Content { .good(.number(number)) }

/// SplitMix64: the same numbers for the same seed, on every machine.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// The transition that a mutating call returned, if it did.
func settled(_ transition: Transition?) throws -> Transition {
    try #require(transition)
}
