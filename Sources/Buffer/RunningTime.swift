// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// The stream's own time: how long the box has run since the epoch began, as far as that is known.
///
/// How long a batch has been kept, how fast readings come and how far a consumer is behind are told
/// by this clock, which nobody can set: a wall clock that jumps by a week would wipe what was
/// acknowledged yesterday, or keep it for ever. Within a boot it goes as the uptime does. Over a
/// reboot it grows by the new boot's uptime alone: for how long the box was off no clock says that
/// need be right, and nobody could have read from it meanwhile. So it is never ahead of real time,
/// and what `keep-acknowledged` holds is never held for less.
struct RunningTime: Sendable {
    /// At the newest sealing that told its uptime.
    private(set) var elapsed: Duration
    /// `nil` if it is not known.
    private var boot: String?
    /// `nil` if that sealing did not tell, as in format 2.
    private var uptime: Uptime?

    /// `newest` is the newest batch of the stream, which was sealed when the time was `elapsed`.
    init(_ elapsed: Duration, at newest: BatchHead?) {
        self.elapsed = elapsed
        boot = newest?.boot
        uptime = newest?.monotonic?.upperBound
    }

    /// Goes on to `now`, an uptime of `boot`.
    mutating func advance(to now: Uptime, of boot: String) {
        defer { (self.boot, uptime) = (boot, now) }
        guard let before = self.boot else { return }
        if boot != before { return elapsed += .milliseconds(now.milliseconds) }
        guard let uptime else { return }
        // Without boot ids, a clock that went back tells of a reboot.
        let since = now < uptime ? now.milliseconds : now.milliseconds - uptime.milliseconds
        elapsed += .milliseconds(since)
    }
}
