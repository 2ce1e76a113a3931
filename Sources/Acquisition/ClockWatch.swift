// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// Notices when the wall clock jumps against the monotonic one.
///
/// A disciplined clock is slewed by 0.5 ms a second at most; whatever moves it by a quarter of a
/// second between two looks has set it.
struct ClockWatch: Equatable, Sendable {
    /// The smallest jump that counts as a step.
    static let threshold = Duration.milliseconds(250)

    private var last: Moment

    init(at start: Moment) { last = start }

    /// How far the wall clock has jumped since the last look, forwards if positive; `nil` if it
    /// has not.
    mutating func step(at now: Moment) -> Duration? {
        defer { last = now }
        let wall = Duration.milliseconds(now.time.milliseconds - last.time.milliseconds)
        let step = wall - now.elapsed(since: last)
        return step.nanoseconds.magnitude > Self.threshold.nanoseconds.magnitude ? step : nil
    }
}
