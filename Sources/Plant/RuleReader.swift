// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment
import Settings

extension ConditionRule {
    /// The keys of a condition, in a profile and in the configuration alike.
    package static let keys = [
        "condition", "component", "signal", "limit-high", "limit-low", "critical-high",
        "critical-low", "hysteresis", "on-delay", "off-delay", "while", "status", "action",
    ]

    /// What holds where a condition says nothing.
    package enum Default {
        /// A value back within the limit clears.
        package static let hysteresis = 0.0
        /// At once.
        package static let onDelay = Duration.zero
        /// At once.
        package static let offDelay = Duration.zero
        /// Outside what it is made for, no more.
        package static let status = HealthStatus.offSpec
    }

    /// `nil` after a mistake.
    init?(_ field: Field, in scope: RuleScope) {
        guard let section = field.section(keys: Self.keys) else { return nil }
        let condition = section.required("condition")?.name()
        let component = section["component"]?.name()
        let signal = section.required("signal").flatMap { scope.numericSignal($0) }
        let limits = Limits(section, range: signal?.range)
        let hysteresis = section.value("hysteresis", or: Default.hysteresis) {
            $0.hysteresis(between: limits)
        }
        let onDelay = section.value("on-delay", or: Default.onDelay) {
            $0.duration(in: Configuration.Bound.delay)
        }
        let offDelay = section.value("off-delay", or: Default.offDelay) {
            $0.duration(in: Configuration.Bound.delay)
        }
        let gate = section.value("while", or: String?.none) { scope.gate($0) }
        let status = section.value("status", or: Default.status) { $0.activeStatus() }
        let action = section["action"]?.text()
        guard let condition, let signal, let limits, let hysteresis, let onDelay, let offDelay,
            let gate, let status
        else { return nil }
        self.init(
            condition: condition, component: component, signal: signal.name, limits: limits,
            hysteresis: hysteresis, onDelay: onDelay, offDelay: offDelay, gate: gate,
            status: status, action: action)
    }
}

extension [ConditionRule] {
    /// Reads a list of conditions; one that bears the name of another, or of one of `others`, of
    /// the same component is a mistake, because nobody could tell their transitions apart.
    init(_ field: Field?, in scope: RuleScope, beside others: [ConditionRule] = []) {
        self = []
        for item in field?.items() ?? [] {
            guard let rule = ConditionRule(item, in: scope) else { continue }
            if (others + self).contains(where: { $0.isSame(as: rule) }) {
                item.mistake(
                    "there is a condition \(Field.quote(rule.condition)) already"
                        + (rule.component.map { " of \(Field.quote($0))" } ?? ""))
            }
            append(rule)
        }
    }
}

extension ConditionRule {
    /// Whether transitions of both would bear the same name.
    func isSame(as other: ConditionRule) -> Bool {
        condition == other.condition && component == other.component
    }
}

extension ConditionRule.Limits {
    /// `nil` after a mistake: none given, out of order, or where no reading can be.
    fileprivate init?(_ section: Section, range: ClosedRange<Double>?) {
        let order = ["critical-low", "limit-low", "limit-high", "critical-high"]
        let given = section.oneOrMore(
            of: order, "a condition needs a limit: one of \(order.joined(separator: ", "))")
        var values: [String: Double] = [:]
        for field in given {
            guard let value = field.number() else { continue }
            values[field.key] = value
            if let range, !range.contains(value) {
                field.mistake(
                    "\(Field.quote(field.key)) is outside the signal's range: beyond it a reading "
                        + "is bad and passes no limit")
            }
        }
        for (lower, upper) in zip(given, given.dropFirst()) {
            guard let low = values[lower.key], let high = values[upper.key] else { continue }
            guard low >= high else { continue }
            upper.mistake(
                "\(Field.quote(upper.key)) must be above \(Field.quote(lower.key)), \(Field.text(low))"
            )
        }
        guard !given.isEmpty, values.count == given.count else { return nil }
        self.init(
            high: values["limit-high"], low: values["limit-low"],
            criticalHigh: values["critical-high"], criticalLow: values["critical-low"])
    }
}

extension Field {
    /// At least 0, and small enough that a value between the limits can clear the condition.
    fileprivate func hysteresis(between limits: ConditionRule.Limits?) -> Double? {
        guard let value = number() else { return nil }
        guard value >= 0 else {
            mistake("\"hysteresis\" must not be negative")
            return nil
        }
        if let low = limits?.low ?? limits?.criticalLow,
            let high = limits?.high ?? limits?.criticalHigh, value >= high - low
        {
            mistake(
                "\"hysteresis\" leaves nothing between the limits \(Field.text(low)) and \(Field.text(high))"
            )
            return nil
        }
        return value
    }

    fileprivate func activeStatus() -> HealthStatus? {
        choice(of: HealthStatus.allCases.filter { $0 != .normal })
    }
}
