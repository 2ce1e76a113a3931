// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Glibc

/// The wall clock: the one place where the executable asks for the time of day.
enum WallClock {
    /// UTC now, to the millisecond (clock_gettime(2), CLOCK_REALTIME).
    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
