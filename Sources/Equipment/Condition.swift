// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// One rule being watched: takes readings and time, and says when its settled state changes.
///
/// A value that reads no clock. What it promises:
/// - Bad data neither raises nor clears. Delays start again after it, and after a gap of more
///   than three periods. When it has lasted for `hold`, the condition is `unknown`.
/// - While the gate is closed nothing is judged: what is active stays active, because a stopped
///   machine is not a repaired one; what is pending starts again; what was never judged is
///   `inactive`, because the rule does not apply.
/// - A critical limit is watched beside the plain one, with the same hysteresis and delays.
package struct Condition: Sendable {
    /// Data lacking for longer than this many periods, and no less than `shortestHold`, makes a
    /// condition unknown.
    static let holdPeriods = 10
    /// The least time without data that makes a condition unknown: a restart of a device fits in.
    static let shortestHold = Duration.seconds(300)
    /// Without a reading for longer than this many periods, delays start again.
    static let longestGapPeriods = 3

    /// What is watched, as the configuration says.
    package let rule: ConditionRule
    private let equipment: String
    let unit: String?
    private let hold: Duration
    private let longestGap: Duration

    private(set) var plain: LimitWatch
    private(set) var critical: LimitWatch
    /// The last usable number, when it was read, and why there is none now.
    private(set) var number: Double?
    private var numberTime: Timestamp?
    private(set) var reason: Reason? = .notYetRead
    private var heard: Moment
    private(set) var gate: GateState
    /// Since when the condition cannot be judged for lack of data.
    private var blindSince: Moment?
    private var settled = ConditionState.unknown
    private var settledStatus: HealthStatus?
    /// When `state` last changed.
    package private(set) var since: Timestamp

    /// Watches `rule` on an equipment; the rule's signal has `unit` and is read every `period`.
    package init(
        _ rule: ConditionRule, of equipment: String, unit: String?, period: Duration,
        from start: Moment
    ) {
        self.rule = rule
        self.equipment = equipment
        self.unit = unit
        hold = max(period * Self.holdPeriods, Self.shortestHold)
        longestGap = period * Self.longestGapPeriods
        plain = LimitWatch(rule.limits.plain, of: rule)
        critical = LimitWatch(rule.limits.critical, of: rule)
        heard = start
        gate = rule.gate == nil ? .open : .unknown
        blindSince = start
        since = start.time
    }

    /// Where the condition stands now.
    package var state: ConditionState {
        if plain.isActive || critical.isActive { return .active }
        if plain.isRaised || critical.isRaised { return .clearing }
        if plain.isPending || critical.isPending { return .pending }
        return settled == .unknown ? .unknown : .inactive
    }

    /// Whether there is data to judge by now: a usable number, and a gate that is known.
    package var hasData: Bool { blindSince == nil }

    /// Whether its settled state is known, and there is data to uphold it.
    var isKnown: Bool { hasData && settled != .unknown }

    /// Whether it counts as the matter: active, or clearing and not yet clear.
    var isRaised: Bool { plain.isRaised || critical.isRaised }

    /// The status it asks for while raised: a failure beyond a critical limit, else the rule's.
    package var status: HealthStatus { critical.isRaised ? .failure : rule.status }

    /// How far the number is from the limit (0) to the critical one (1); 0 without both.
    package var severity: Double {
        guard isRaised, let number else { return 0 }
        let limits = rule.limits
        let shares = [(limits.high, limits.criticalHigh), (limits.low, limits.criticalLow)]
            .compactMap { limit, critical -> Double? in
                guard let limit, let critical, limit != critical else { return nil }
                return (number - limit) / (critical - limit)
            }
        return min(max(shares.max() ?? 0, 0), 1)
    }

    /// Takes what a poll said of the signal.
    package mutating func observe(_ content: Reading.Content, at now: Moment) -> Transition? {
        if now.elapsed(since: heard) > longestGap { freeze() }
        heard = now
        if let usable = content.usableNumber {
            (number, numberTime, reason) = (usable, now.time, nil)
        } else {
            reason = content.reason ?? .notAvailable
        }
        return judge(at: now)
    }

    /// Takes what a poll said of the gate's signal.
    package mutating func observeGate(_ content: Reading.Content, at now: Moment) -> Transition? {
        switch content {
        case .good(.boolean(let isOpen)): gate = isOpen ? .open : .closed
        case .good, .uncertain, .bad: gate = .unknown
        }
        return judge(at: now)
    }

    /// Lets delays elapse without a reading.
    package mutating func tick(at now: Moment) -> Transition? {
        judge(at: now)
    }

    /// The wall clock was set by `step`.
    mutating func clockSet(by step: Duration) { since = since.moved(by: step) }
}

extension Condition {
    private mutating func judge(at now: Moment) -> Transition? {
        let before = state
        defer { if state != before { since = now.time } }
        let isStale = now.elapsed(since: heard) > longestGap
        guard let number, reason == nil, gate != .unknown, !isStale else {
            return stayBlind(at: now)
        }
        blindSince = nil
        guard gate == .open else {
            freeze()
            return settled == .unknown ? settle(.inactive, .normal, by: nil, at: now) : nil
        }
        plain.advance(number, at: now)
        critical.advance(number, at: now)
        if isRaised { return settle(.active, status, by: decider, at: now) }
        if state == .pending, settled == .unknown { return nil }
        return settle(.inactive, .normal, by: settled == .active ? lastCleared : nil, at: now)
    }

    /// The watch that makes the status what it is: the critical one while it is raised or has
    /// just ceased to be.
    private var decider: LimitWatch {
        critical.isRaised || settledStatus == .failure && critical.exceeded != nil
            ? critical : plain
    }

    private var lastCleared: LimitWatch? {
        [plain, critical].filter { $0.clearSince != nil }
            .max { ($0.clearSince ?? .zero) < ($1.clearSince ?? .zero) }
    }

    private mutating func stayBlind(at now: Moment) -> Transition? {
        let blind = blindSince ?? now
        blindSince = blind
        freeze()
        guard settled != .unknown, now.elapsed(since: blind) >= hold else { return nil }
        plain.reset()
        critical.reset()
        return settle(.unknown, nil, by: nil, at: now)
    }

    private mutating func freeze() {
        plain.freeze()
        critical.freeze()
    }

    /// Makes `state` the settled one; a transition if that is a change.
    private mutating func settle(
        _ state: ConditionState, _ status: HealthStatus?, by watch: LimitWatch?, at now: Moment
    ) -> Transition? {
        guard state != settled || status != settledStatus else { return nil }
        defer { (settled, settledStatus) = (state, status) }
        return Transition(
            time: now.time, equipment: equipment, component: rule.component,
            condition: rule.condition,
            from: settled, to: state, status: status, severity: severity, index: nil,
            evidence: evidence(by: watch, at: now))
    }

    private func evidence(by watch: LimitWatch?, at now: Moment) -> Evidence {
        let began = watch?.since ?? blindSince
        return Evidence(
            signal: rule.signal, unit: unit, value: number, time: numberTime,
            limits: rule.limits, limit: watch?.exceeded, hysteresis: rule.hysteresis,
            onDelay: rule.onDelay, offDelay: rule.offDelay, since: began?.time,
            held: began.map { now.elapsed(since: $0) } ?? .zero, gate: rule.gate,
            gateState: rule.gate == nil ? nil : gate,
            reason: reason ?? (hasData || gate == .unknown ? nil : .stale), hold: hold)
    }
}
