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
    /// Of each of a large plant's 85,000 signals: what is rarely needed lies elsewhere.
    private var written = Written.nothing
    private var writtenAt: Int64 = 0
    private var sinceNanoseconds = Self.never
    private var sinceTime = Timestamp(milliseconds: 0)

    /// The last reading that was written: none, the latest that there is, or one before it.
    private indirect enum Written: Equatable {
        case nothing, latest
        case earlier(Reading.Content)
    }

    /// A moment in eight bytes for each clock, worked out once for all signals of an answer.
    struct Stamp {
        /// Monotonic.
        let nanoseconds: Int64
        let time: Timestamp

        init(_ moment: Moment) {
            nanoseconds = moment.monotonic.nanoseconds
            time = moment.time
        }
    }

    private static let never = Int64.min

    /// When the value was read, or when it turned bad; `nil` before the first poll.
    private var since: Moment? {
        sinceNanoseconds == Self.never
            ? nil : Moment(monotonic: .nanoseconds(sinceNanoseconds), time: sinceTime)
    }

    /// The next reading is written, however close: what it follows is told in a note.
    mutating func mark() { written = .nothing }

    /// Takes what a poll says; returns whether to write it down.
    mutating func observe(
        _ new: Reading.Content, _ publishing: Publishing, at now: Stamp
    ) -> Bool {
        if new.quality != .bad || new != content {
            (sinceNanoseconds, sinceTime) = (now.nanoseconds, now.time)
        }
        let isWorthWriting = isWorthWriting(new, publishing, at: now.nanoseconds)
        if isWorthWriting {
            written = .latest
            writtenAt = now.nanoseconds
        } else if written == .latest, new != content {
            written = .earlier(content)
        }
        content = new
        return isWorthWriting
    }

    private func isWorthWriting(
        _ new: Reading.Content, _ publishing: Publishing, at now: Int64
    ) -> Bool {
        let last: Reading.Content
        switch written {
        case .nothing: return true
        case .latest: last = content
        case .earlier(let earlier): last = earlier
        }
        switch new {
        case .bad: return new != last || now - writtenAt >= Self.beat.nanoseconds
        case .good(let value), .uncertain(let value, _):
            guard !publishing.isAlways, new.quality == last.quality, new.reason == last.reason
            else { return true }
            if let longest = publishing.atLeastEvery, now - writtenAt >= longest.nanoseconds {
                return true
            }
            guard let deadband = publishing.deadband, let number = value.number,
                let lastNumber = last.value?.number
            else { return new != last }
            return abs(number - lastNumber) >= deadband
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
