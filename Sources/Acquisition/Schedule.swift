// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// When each read of a device is due.
///
/// Every read has a grid of slots, `phase + n × period`, on the monotonic clock. A late poll keeps
/// the grid, and slots that were missed are skipped and counted, never caught up: a slow line polls
/// less often, it does not fall behind. Of several reads the one with the first claim comes first;
/// its age is that of the oldest slot that was not polled. A value: it reads no clock and waits for
/// nobody.
struct Schedule: Equatable, Sendable {
    /// One read's turn.
    struct Turn: Equatable, Sendable {
        /// Index of the read.
        let read: Int
        /// Which slot of its grid this is, -1 before the first; `slot / stride` tells when a slower
        /// passenger is due.
        let slot: Int
        /// Slots that passed before it without a poll.
        let skipped: Int
        /// When it was due on its grid; nil out of turn.
        let due: Duration?
    }

    /// The slots of one read.
    struct Grid: Equatable, Sendable {
        let period: Duration
        let phase: Duration
    }

    private struct Entry: Equatable, Sendable {
        let grid: Grid
        /// The next slot to be polled.
        var slot = 0
        /// Out of turn, once: at the start and after a return.
        var refresh: Duration?

        var gridDue: Duration { grid.phase + grid.period.times(slot) }

        var claim: Claim {
            Claim(due: refresh.map { min($0, gridDue) } ?? gridDue, period: grid.period)
        }
    }

    private var entries: [Entry] = []

    /// Every read is due once at the start, whatever its period, and then on its grid.
    init(_ grids: [Grid]) {
        replace(with: grids.map { ($0, nil) }, at: .zero)
    }

    /// Other reads take the place of these: one that was there, as `former`, keeps its slots, and
    /// what is new is due at `now`.
    mutating func replace(with grids: [(grid: Grid, former: Int?)], at now: Duration) {
        entries = grids.map { grid, former in
            if let former { return entries[former] }
            precondition(grid.period > .zero, "a period is a positive time")
            precondition(.zero <= grid.phase, "a grid begins after the start")
            let current = now.slot(of: grid.period, from: grid.phase)
            return Entry(grid: grid, slot: max(0, current + 1), refresh: now)
        }
    }

    /// The read whose turn is next at `now`, due or not, among those that `isWanted`; `nil` if
    /// there is none.
    func first(
        at now: Duration, where isWanted: (Int) -> Bool = { _ in true }
    ) -> (read: Int, claim: Claim)? {
        var first: (read: Int, claim: Claim)?
        for (read, entry) in entries.enumerated() where isWanted(read) {
            let claim = entry.claim
            if let first, !claim.precedes(first.claim, at: now) { continue }
            first = (read, claim)
        }
        return first
    }

    /// Gives `read`, which is due, its turn, and moves it to the first slot after `now`.
    mutating func take(_ read: Int, at now: Duration) -> Turn {
        var entry = entries[read]
        precondition(entry.claim.due <= now, "only what is due has a turn")
        let current = slot(of: read, at: now)
        let skipped = max(0, current - entry.slot)
        let due = entry.refresh == nil ? entry.gridDue : nil
        entry.refresh = nil
        entry.slot = max(entry.slot, current + 1)
        entries[read] = entry
        return Turn(read: read, slot: current, skipped: skipped, due: due)
    }

    /// The slot of `read` that has begun last; -1 before the first.
    func slot(of read: Int, at now: Duration) -> Int {
        let grid = entries[read].grid
        return max(-1, now.slot(of: grid.period, from: grid.phase))
    }

    /// Makes `read` due at once, beside its grid.
    mutating func refresh(_ read: Int, at now: Duration) {
        entries[read].refresh = now
    }
}
