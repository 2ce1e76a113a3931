// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What to watch on one signal, as data: from a profile or from the configuration.
///
/// Signal and gate are names of signals within the equipment, `<device>/<signal>`, already
/// resolved; limits are in the signal's unit.
package struct ConditionRule: Hashable, Sendable {
    /// Its name; with the component it tells the conditions of an equipment apart.
    package var condition: String
    /// The part of the equipment that it is about.
    package var component: String?
    /// The number that is watched.
    package var signal: String
    /// In the signal's unit.
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
    /// What to do about it, for whoever reads it.
    package var action: String?

    /// A rule as it is written; that its names exist and its limits make sense is the reader's care.
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
        /// At this or above it, the condition is the matter.
        package var high: Double?
        /// At this or below it, the condition is the matter.
        package var low: Double?
        /// At this or above it, the equipment has failed.
        package var criticalHigh: Double?
        /// At this or below it, the equipment has failed.
        package var criticalLow: Double?

        /// A limit that is not given is not watched.
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
