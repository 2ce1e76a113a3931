// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A settled change of a condition, with the evidence from which it can be recomputed.
///
/// `pending` and `clearing` are on the way: snapshots show them, transitions do not, so that a
/// value trembling at its limit writes nothing. From `active` to `active` the condition changed
/// its status: it became critical, or ceased to be.
package struct Transition: Hashable, Sendable {
    /// When it was decided.
    package var time: Timestamp
    /// The equipment's key in the configuration.
    package var equipment: String
    /// As the rule says, as is `condition`.
    package var component: String?
    /// The name of the condition.
    package var condition: String
    /// `unknown`, `inactive` or `active`, as is `to`.
    package var from: ConditionState
    /// The state from now on.
    package var to: ConditionState
    /// What the condition asks for from now on; `nil` where it has become unknown.
    package var status: HealthStatus?
    /// 0 at the limit, 1 at the critical limit or beyond; 0 where there is no critical limit.
    package var severity: Double
    /// The equipment's health index after it, 0–100; `nil` where it cannot be said.
    package var index: Int?
    /// Why.
    package var evidence: Evidence

    /// As a record says it; `Condition` makes those that are new.
    package init(
        time: Timestamp, equipment: String, component: String?, condition: String,
        from: ConditionState, to: ConditionState, status: HealthStatus?, severity: Double,
        index: Int?, evidence: Evidence
    ) {
        self.time = time
        self.equipment = equipment
        self.component = component
        self.condition = condition
        self.from = from
        self.to = to
        self.status = status
        self.severity = severity
        self.index = index
        self.evidence = evidence
    }
}

/// Whether a condition may be judged now.
package enum GateState: String, CaseIterable, Sendable {
    case open, closed, unknown
}

/// The facts on which a transition was decided, enough to decide it again.
package struct Evidence: Hashable, Sendable {
    /// `<device>/<signal>`.
    package var signal: String
    /// Of the value and all limits, UCUM.
    package var unit: String?
    /// The last usable number; `nil` before the first.
    package var value: Double?
    /// When it was read.
    package var time: Timestamp?
    /// All limits of the rule.
    package var limits: ConditionRule.Limits
    /// The one that was exceeded or is clear again; `nil` if none ever was exceeded.
    package var limit: Limit?
    /// Of the rule, as are both delays.
    package var hysteresis: Double
    /// How long a limit must be exceeded.
    package var onDelay: Duration
    /// How long it must be clear.
    package var offDelay: Duration
    /// Since when the limit has been exceeded, has been clear, or data has been lacking.
    package var since: Timestamp?
    /// How long that is, by the monotonic clock.
    package var held: Duration
    /// The signal that is the gate; `nil` if the rule has none.
    package var gate: String?
    /// The gate's state; `nil` if there is none.
    package var gateState: GateState?
    /// Why there is no usable number now; `nil` if there is one.
    package var reason: Reason?
    /// How long a condition outlives its data.
    package var hold: Duration

    /// As a record says it; `Condition` makes those that are new.
    package init(
        signal: String, unit: String?, value: Double?, time: Timestamp?,
        limits: ConditionRule.Limits, limit: Limit?, hysteresis: Double, onDelay: Duration,
        offDelay: Duration, since: Timestamp?, held: Duration, gate: String?,
        gateState: GateState?, reason: Reason?, hold: Duration
    ) {
        self.signal = signal
        self.unit = unit
        self.value = value
        self.time = time
        self.limits = limits
        self.limit = limit
        self.hysteresis = hysteresis
        self.onDelay = onDelay
        self.offDelay = offDelay
        self.since = since
        self.held = held
        self.gate = gate
        self.gateState = gateState
        self.reason = reason
        self.hold = hold
    }

    /// What the facts show.
    package enum Finding: Hashable, Sendable {
        case exceeded(Limit)
        case clear(of: Limit)
        case within
        case notJudged
        case noData
    }

    /// The finding recomputed from the facts; `nil` if they show nothing.
    package var finding: Finding? {
        if reason != nil || gateState == .unknown { return held >= hold ? .noData : nil }
        if gateState == .closed { return .notJudged }
        guard let value else { return nil }
        guard let limit else {
            let violated = (limits.plain + limits.critical).contains { $0.isExceeded(by: value) }
            return violated ? nil : .within
        }
        if limit.isExceeded(by: value) { return held >= onDelay ? .exceeded(limit) : nil }
        guard limit.isClear(of: value, hysteresis: hysteresis) else { return nil }
        return held >= offDelay ? .clear(of: limit) : nil
    }
}

extension Transition {
    /// Whether its evidence, recomputed, leads to the state and status that it states.
    package var isBorneOut: Bool {
        switch evidence.finding {
        case .exceeded(let limit):
            to == .active && (status == .failure || !limit.isCritical)
        case .clear(let limit):
            to == .inactive && status == .normal
                || limit.isCritical && from == .active && to == .active
        case .within, .notJudged:
            from == .unknown && to == .inactive && status == .normal
        case .noData:
            to == .unknown && status == nil
        case nil:
            false
        }
    }
}
