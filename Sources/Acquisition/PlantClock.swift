// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Glibc

/// The two clocks of a gateway, read together: monotonic since its start, and the wall's.
struct PlantClock: Sendable {
    private let start = ContinuousClock.now

    /// Now, by both.
    var now: Moment {
        var wall = timespec()
        let result = clock_gettime(CLOCK_REALTIME, &wall)
        precondition(result == 0, "Linux always has a real-time clock")
        return Moment(
            monotonic: start.duration(to: .now),
            time: Timestamp(
                milliseconds: Int64(wall.tv_sec) * 1_000 + Int64(wall.tv_nsec) / 1_000_000))
    }

    /// The instant that is `monotonic` after the start.
    func instant(_ monotonic: Duration) -> ContinuousClock.Instant {
        start.advanced(by: monotonic)
    }
}
