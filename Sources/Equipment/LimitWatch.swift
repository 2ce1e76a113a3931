// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// One of the limits of a condition, by its name in the configuration and its value.
package struct Limit: Hashable, Sendable {
    /// Which of the four; the raw value is its key in profile and configuration.
    package enum Kind: String, CaseIterable, Sendable {
        case high = "limit-high"
        case low = "limit-low"
        case criticalHigh = "critical-high"
        case criticalLow = "critical-low"
    }

    /// Which limit of the rule it is.
    package var kind: Kind
    /// In the signal's unit.
    package var value: Double

    /// `value` is in the signal's unit.
    package init(kind: Kind, value: Double) {
        self.kind = kind
        self.value = value
    }

    /// Whether to exceed it is a failure.
    var isCritical: Bool { kind == .criticalHigh || kind == .criticalLow }
    var isHigh: Bool { kind == .high || kind == .criticalHigh }

    /// Whether `number` violates it: a limit is exceeded as soon as it is reached.
    func isExceeded(by number: Double) -> Bool {
        switch kind {
        case .high, .criticalHigh: number >= value
        case .low, .criticalLow: number <= value
        }
    }

    /// Whether `number` has come back far enough to count as clear of it.
    func isClear(of number: Double, hysteresis: Double) -> Bool {
        guard !isExceeded(by: number) else { return false }
        return switch kind {
        case .high, .criticalHigh: number <= value - hysteresis
        case .low, .criticalLow: number >= value + hysteresis
        }
    }
}

extension ConditionRule.Limits {
    /// Those of the two plain limits that are given.
    package var plain: [Limit] {
        [high.map { Limit(kind: .high, value: $0) }, low.map { Limit(kind: .low, value: $0) }]
            .compactMap { $0 }
    }

    /// Those of the two critical limits that are given.
    package var critical: [Limit] {
        [
            criticalHigh.map { Limit(kind: .criticalHigh, value: $0) },
            criticalLow.map { Limit(kind: .criticalLow, value: $0) },
        ].compactMap { $0 }
    }
}

/// Watches one number against one pair of limits, with hysteresis and delays.
struct LimitWatch: Hashable, Sendable {
    enum State: Hashable, Sendable {
        /// Clear, since then if it was ever raised.
        case inactive(since: Moment?)
        case pending(since: Moment)
        /// Raised; the limit has been exceeded since then.
        case active(since: Moment)
        case clearing(since: Moment, exceeded: Moment)
    }

    private let limits: [Limit]
    private let hysteresis: Double
    private let onDelay: Duration
    private let offDelay: Duration
    private(set) var state = State.inactive(since: nil)
    /// The limit that was exceeded last.
    private(set) var exceeded: Limit?

    init(_ limits: [Limit], of rule: ConditionRule) {
        self.limits = limits
        hysteresis = rule.hysteresis
        onDelay = rule.onDelay
        offDelay = rule.offDelay
    }

    var isActive: Bool { if case .active = state { true } else { false } }

    var isPending: Bool { if case .pending = state { true } else { false } }

    /// Since when it has been clear again, on the monotonic clock, if it was ever raised.
    var clearSince: Duration? {
        if case .inactive(let since) = state { since?.monotonic } else { nil }
    }

    var isRaised: Bool {
        switch state {
        case .active, .clearing: true
        case .inactive, .pending: false
        }
    }

    /// Since when it has been in its state: exceeded if raised or pending, else clear.
    var since: Moment? {
        switch state {
        case .inactive(let since): since
        case .pending(let since), .active(let since), .clearing(let since, _): since
        }
    }

    /// Takes one good number; loops until the state rests, which is at most three steps away.
    mutating func advance(_ number: Double, at now: Moment) {
        let standing = stand(of: number)
        while let next = successor(standing, at: now) { state = next }
    }

    /// Where a number lies.
    private enum Standing {
        case beyond
        /// Back within the limit, and not yet by the hysteresis.
        case within
        case clear
    }

    private mutating func stand(of number: Double) -> Standing {
        if let violated = limits.first(where: { $0.isExceeded(by: number) }) {
            exceeded = violated
            return .beyond
        }
        // Clear of the limit that was exceeded; the other one needs no hysteresis to be within.
        let isClear = exceeded.map { $0.isClear(of: number, hysteresis: hysteresis) } ?? true
        return isClear ? .clear : .within
    }

    private func successor(_ standing: Standing, at now: Moment) -> State? {
        switch state {
        case .inactive:
            standing == .beyond ? .pending(since: now) : nil
        case .pending where standing != .beyond:
            .inactive(since: nil)
        case .pending(let since):
            now.elapsed(since: since) >= onDelay ? .active(since: since) : nil
        case .active(let since):
            standing == .clear ? .clearing(since: now, exceeded: since) : nil
        case .clearing(_, let exceeded) where standing != .clear:
            .active(since: exceeded)
        case .clearing(let since, _):
            now.elapsed(since: since) >= offDelay ? .inactive(since: since) : nil
        }
    }

    /// Nothing can be judged for a while: what is raised stays, delays will start again.
    mutating func freeze() {
        switch state {
        case .pending: state = .inactive(since: nil)
        case .clearing(_, let exceeded): state = .active(since: exceeded)
        case .inactive, .active: break
        }
    }

    mutating func reset() {
        state = .inactive(since: nil)
        exceeded = nil
    }
}
