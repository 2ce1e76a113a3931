// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// Whether one device answers, and how patience grows while it does not.
///
/// It begins absent: nothing is known until the first answer. The first failure in a cycle (one
/// period of its fastest read) lets it rest until the next cycle; after `patience` failed cycles
/// it is offline and gets one short probe per back-off step. An exception is an answer. A value: times
/// come in, and each change that is worth telling comes out once.
struct DeviceWatch: Equatable, Sendable {
    /// Failed cycles until a device is offline: one lost frame is not an absence.
    static let patience = 3
    /// Far more than the longest timeout, however prompt the device was.
    private static let mostDoublings = 16

    enum Change: Equatable, Sendable {
        /// It failed `patience` cycles; the first failure was at `since`.
        case vanished(because: Reason, since: Moment)
        /// It answers; `absence` is how long it had not, `nil` at the first contact.
        case answered(absence: Duration?)
    }

    private enum Standing: Equatable, Sendable {
        case unknown
        case answering
        case failing(cycles: Int)
        /// So many probes have failed, and when the next is due.
        case offline(probes: Int, next: Duration)
        /// Its connection is gone.
        case unreachable
    }

    private let period: Duration
    private let phase: Duration
    private var standing = Standing.unknown
    private var backoff = Backoff.device
    /// Of the first failure since the last answer.
    private var silentSince: Moment?
    /// Whether `vanished` has been told and `answered` has not.
    private var toldOffline = false
    private var everAnswered = false
    /// Why its signals are bad while it is not asked.
    private(set) var reason = Reason.notYetRead
    /// Until when it is left alone after a failure.
    private(set) var restsUntil = Duration.zero

    init(period: Duration, phase: Duration) {
        self.period = period
        self.phase = phase
    }

    /// As a source of data; whether it refuses all is for those to say who know its reads.
    var state: DeviceState {
        switch standing {
        case .unknown: .unknown
        case .answering: .answering
        case .failing: .suspect
        case .offline, .unreachable: .offline
        }
    }

    /// When to probe it; `nil` unless it is offline.
    var probeDue: Duration? {
        if case .offline(_, let next) = standing { next } else { nil }
    }

    /// How many times longer than it usually takes it is worth waiting for: twice as long from
    /// probe to probe, so that a device that has become slow is found all the same. `nil` when it
    /// is to have all the time there is: while it answers, at the first contact, and behind a
    /// gateway, which speaks for it.
    var patienceFactor: Int? {
        guard reason == .noAnswer || reason == .garbled else { return nil }
        switch standing {
        case .unknown, .answering, .unreachable: return nil
        case .failing: return 1
        case .offline(let probes, _): return 1 << min(probes, Self.mostDoublings)
        }
    }

    /// Whether to leave it alone at `now`, in the rest of a failed cycle or offline.
    func isResting(at now: Duration) -> Bool {
        probeDue != nil || standing == .unreachable || now < restsUntil
    }

    mutating func answered(at now: Moment) -> Change? {
        defer {
            standing = .answering
            backoff.reset()
            silentSince = nil
            toldOffline = false
            everAnswered = true
            restsUntil = .zero
        }
        guard toldOffline || !everAnswered else { return nil }
        return .answered(absence: toldOffline ? silentSince.map(now.elapsed(since:)) : nil)
    }

    mutating func failed(
        because reason: Reason, at now: Moment, using dice: inout Dice
    ) -> Change? {
        self.reason = reason
        let since = silentSince ?? now
        silentSince = since
        let cycle = now.monotonic.slot(of: period, from: phase)
        restsUntil = phase + period * (cycle + 1)
        switch standing {
        case .unknown, .answering, .unreachable: standing = .failing(cycles: 1)
        case .failing(let cycles) where cycles + 1 < Self.patience:
            standing = .failing(cycles: cycles + 1)
        case .failing:
            standing = .offline(probes: 0, next: now.monotonic + backoff.wait(using: &dice))
        case .offline(let probes, _):
            standing = .offline(
                probes: probes + 1, next: now.monotonic + backoff.wait(using: &dice))
        }
        guard probeDue != nil, !toldOffline else { return nil }
        toldOffline = true
        return .vanished(because: reason, since: since)
    }

    /// Its connection is gone: it can be neither asked nor blamed.
    mutating func disconnected(at now: Moment) {
        reason = .notConnected
        standing = .unreachable
        silentSince = silentSince ?? now
    }

    /// Its connection is back: it is asked again as if for the first time.
    mutating func connected() {
        standing = .unknown
        backoff.reset()
        restsUntil = .zero
    }
}
