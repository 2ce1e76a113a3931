// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// How promptly a device answers, learnt from its answers: after what time its silence is sure.
///
/// What is kept is the slowest but one of the last 64 to 127 answers, less what the wire takes for
/// each: close to the 99th percentile, the same for long and for short requests, and not spoilt by
/// a single moment in which the box had something else to do.
struct Promptness: Equatable, Sendable {
    /// Fewer answers say too little.
    static let enough = 16
    private static let window = 64
    /// Beyond the time of the frames, no silence is sure sooner.
    static let slack = Duration.milliseconds(50)

    private var answers = 0
    private var now = Slowest()
    private var before: Slowest?

    /// Of some answers, the slowest and the slowest but one.
    private struct Slowest: Equatable, Sendable {
        var first = Duration.zero
        var second = Duration.zero

        mutating func take(_ time: Duration) {
            second = max(second, min(first, time))
            first = max(first, time)
        }
    }

    /// An answer came after `elapsed`; the wire alone was to take `predicted`.
    mutating func learn(_ elapsed: Duration, predicted: Duration) {
        now.take(elapsed - predicted)
        answers += 1
        guard answers == Self.window else { return }
        before = now
        now = Slowest()
        answers = 0
    }

    /// How long an answer that takes `predicted` on the wire may be waited for, twice over: RTU
    /// may need a clarification before the question. `nil` while too little is known.
    func patience(predicted: Duration) -> Duration? {
        guard before != nil || answers >= Self.enough else { return nil }
        let slowest = max(now.second, before?.second ?? .zero)
        return (predicted + slowest) * 2 + Self.slack
    }
}
