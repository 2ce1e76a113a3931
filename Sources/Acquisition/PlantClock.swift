// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Glibc

/// The two clocks of a gateway, read together: monotonic since its start, and the wall's.
struct PlantClock: Sendable {
    private let start = ContinuousClock.now
    /// The start on the clock that `ContinuousClock` goes by, whose own origin is not to be had.
    let started = Uptime(milliseconds: Self.milliseconds(of: CLOCK_BOOTTIME))

    /// Now, by both.
    var now: Moment {
        Moment(
            monotonic: start.duration(to: .now),
            time: Timestamp(milliseconds: Self.milliseconds(of: CLOCK_REALTIME)))
    }

    private static func milliseconds(of clock: clockid_t) -> Int64 {
        var time = timespec()
        let result = clock_gettime(clock, &time)
        precondition(result == 0, "Linux always has these clocks")
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// The instant that is `monotonic` after the start.
    func instant(_ monotonic: Duration) -> ContinuousClock.Instant {
        start.advanced(by: monotonic)
    }
}
