// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Plant

/// The latest of one signal, and whether what a poll says of it is worth a record.
///
/// Every good poll is a reading, unless its profile says otherwise: then one that is not far enough
/// from the last one written, or equals it, is not written, but for so long at most. A bad one is written when it
/// begins or its reason changes, and then at a slow beat: the stream must show that a signal is
/// still bad, not every period, but often enough for who joins late.
struct SignalWatch: Equatable, Sendable {
    /// How often a lasting bad reading is written again.
    static let beat = Duration.seconds(60)

    private(set) var content = Reading.Content.bad(.notYetRead)
    private var published: Reading.Content?
    /// Of each of a large plant's 85,000 signals: times take eight bytes, not more.
    private var sinceNanoseconds = Self.never
    private var sinceTime = Timestamp(milliseconds: 0)
    private var publishedNanoseconds: Int64 = 0

    private static let never = Int64.min

    /// When the value was read, or when it turned bad; `nil` before the first poll.
    private(set) var since: Moment? {
        get {
            sinceNanoseconds == Self.never
                ? nil
                : Moment(monotonic: .nanoseconds(sinceNanoseconds), time: sinceTime)
        }
        set {
            sinceNanoseconds = newValue?.monotonic.nanoseconds ?? Self.never
            sinceTime = newValue?.time ?? sinceTime
        }
    }
    private var publishedAt: Duration {
        get { .nanoseconds(publishedNanoseconds) }
        set { publishedNanoseconds = newValue.nanoseconds }
    }

    /// The next reading is written, however close: what it follows is told in a note.
    mutating func mark() { published = nil }

    /// Takes what a poll says; returns whether to write it down.
    mutating func observe(
        _ new: Reading.Content, _ publishing: Publishing, at now: Moment
    ) -> Bool {
        let isLasting = new.quality == .bad && new == content
        if !isLasting { since = now }
        content = new
        guard isWorthWriting(new, publishing, at: now.monotonic) else { return false }
        published = new
        publishedAt = now.monotonic
        return true
    }

    private func isWorthWriting(
        _ new: Reading.Content, _ publishing: Publishing, at now: Duration
    ) -> Bool {
        guard let published else { return true }
        switch new {
        case .bad: return new != published || now - publishedAt >= Self.beat
        case .good(let value), .uncertain(let value, _):
            guard publishing != .always, new.quality == published.quality,
                new.reason == published.reason
            else { return true }
            if let longest = publishing.atLeastEvery, now - publishedAt >= longest { return true }
            guard let deadband = publishing.deadband, let number = value.number,
                let last = published.value?.number
            else { return new != published }
            return abs(number - last) >= deadband
        }
    }

    /// The signal as a snapshot shows it: a value that should have been read again long ago is
    /// stale, because a line is overloaded or stuck.
    func snapshot(of signal: Signal, period: Duration, at now: Moment) -> SignalSnapshot {
        let age = since.map { now.elapsed(since: $0) }
        var shown = content
        if case .good(let value) = content, let age, age > Self.lifetime(of: period) {
            shown = .uncertain(value, .stale)
        }
        return SignalSnapshot(signal: signal, content: shown, time: since?.time, age: age)
    }

    /// Three periods, and long enough for a slow answer.
    private static func lifetime(of period: Duration) -> Duration {
        max(period * 3, .seconds(3))
    }
}
