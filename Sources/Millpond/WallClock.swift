// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import CLinux
internal import Equipment
internal import Glibc

/// The wall clock: the one place where the executable asks for the time of day.
enum WallClock {
    /// UTC now, to the millisecond (clock_gettime(2), CLOCK_REALTIME).
    static var now: Timestamp { Timestamp(milliseconds: wall_milliseconds()) }

    /// The most that the kernel believes the clock to be off; `nil` where it may not be asked, or
    /// does not know.
    static var error: Duration? {
        var query = timex()
        guard adjtimex(&query) >= 0, query.status & STA_UNSYNC == 0 else { return nil }
        return .microseconds(query.maxerror)
    }

    /// Whether the kernel believes the clock to be synchronised (adjtimex(2), STA_UNSYNC).
    ///
    /// In the unit's sandbox nobody may ask the kernel; there the mark that systemd-timesyncd(8)
    /// leaves counts, the time service of a plain Debian.
    static var state: ClockState {
        var query = timex()
        guard adjtimex(&query) >= 0 else {
            return access("/run/systemd/timesync/synchronized", F_OK) == 0 ? .synced : .unsynced
        }
        return query.status & STA_UNSYNC == 0 ? .synced : .unsynced
    }
}
