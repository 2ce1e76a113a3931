// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What to watch on one signal, as data: from a profile or from the configuration.
///
/// Signal and gate are names of signals within the equipment, `<device>/<signal>`, already
/// resolved; limits are in the signal's unit.
package struct ConditionRule: Hashable, Sendable {
    package var condition: String
    package var component: String?
    package var signal: String
    package var limits: Limits
    /// How far back from a limit the value must come before the condition clears; ≥ 0.
    package var hysteresis: Double
    /// How long the limit must be violated before the condition is active.
    package var onDelay: Duration
    /// How long the value must be back before the condition is inactive again.
    package var offDelay: Duration
    /// The Boolean signal that must be true for the condition to be judged; `nil`: always.
    package var gate: String?
    /// The status while a plain limit is violated; a critical one is always a failure.
    package var status: HealthStatus
    package var action: String?

    package init(
        condition: String, component: String?, signal: String, limits: Limits, hysteresis: Double,
        onDelay: Duration, offDelay: Duration, gate: String?, status: HealthStatus, action: String?
    ) {
        self.condition = condition
        self.component = component
        self.signal = signal
        self.limits = limits
        self.hysteresis = hysteresis
        self.onDelay = onDelay
        self.offDelay = offDelay
        self.gate = gate
        self.status = status
        self.action = action
    }

    /// The limits of a signal; at least one is given, and critical ones lie outside plain ones.
    package struct Limits: Hashable, Sendable {
        package var high: Double?
        package var low: Double?
        package var criticalHigh: Double?
        package var criticalLow: Double?

        package init(
            high: Double? = nil, low: Double? = nil, criticalHigh: Double? = nil,
            criticalLow: Double? = nil
        ) {
            self.high = high
            self.low = low
            self.criticalHigh = criticalHigh
            self.criticalLow = criticalLow
        }
    }
}
