// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment

/// Notices when a clock that was not synchronised is, and how far it was off until then.
///
/// What counts is how far the wall clock has been moved against the uptime since the stretch
/// without synchronisation began: in one step, in many, or in movements too small to be one. What
/// the kernel slews it, it slews the uptime as well (adjtimex(2)), and is not seen: no more than
/// 0.4 s with systemd-timesyncd(8), which sets the clock beyond that.
struct SyncWatch: Equatable, Sendable {
    /// How the clock stood when the stretch without synchronisation began; `nil` outside of one.
    private var began: ClockStand?

    /// Takes the clock as it was left: `stand` is that of a stretch that had not ended.
    init(resuming stand: ClockStand? = nil) { began = stand }

    /// How far the clock had been off, if synchronisation has come since the last look.
    mutating func correction(_ state: ClockState, at now: ClockStand) -> Duration? {
        guard state == .synced else {
            began = began ?? now
            return nil
        }
        defer { began = nil }
        return began.map { now.moved(since: $0) }
    }
}
