// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// When each read of a line is due.
///
/// Every read has a grid of slots, `phase + n × period`, on the monotonic clock. A late poll keeps
/// the grid, and slots that were missed are skipped and counted, never caught up: a slow line polls
/// less often, it does not fall behind. Of several reads that are due, the one that has been due
/// longest comes first, so that none starves. A value: it reads no clock and waits for nobody.
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

    private struct Entry: Equatable, Sendable {
        let period: Duration
        let phase: Duration
        /// The next slot to be polled.
        var slot = 0
        /// Out of turn, once: at the start and after a return.
        var refresh: Duration?

        var gridDue: Duration { phase + period * slot }
        var due: Duration { refresh.map { min($0, gridDue) } ?? gridDue }
    }

    private var entries: [Entry]

    /// Every read is due once at the start, whatever its period, and then on its grid.
    init(_ grids: [(period: Duration, phase: Duration)]) {
        entries = grids.map { grid in
            precondition(grid.period > .zero, "a period is a positive time")
            precondition(.zero <= grid.phase, "a grid begins after the start")
            return Entry(period: grid.period, phase: grid.phase, refresh: .zero)
        }
    }

    /// The read that has been due longest, or will be due first; `nil` if there is none at all.
    var first: (read: Int, due: Duration)? {
        guard var first = entries.first.map({ (read: 0, due: $0.due) }) else { return nil }
        for (read, entry) in entries.enumerated() where entry.due < first.due {
            first = (read, entry.due)
        }
        return first
    }

    /// Gives `read`, which is due, its turn, and moves it to the first slot after `now`.
    mutating func take(_ read: Int, at now: Duration) -> Turn {
        var entry = entries[read]
        precondition(entry.due <= now, "only what is due has a turn")
        let current = max(-1, now.slot(of: entry.period, from: entry.phase))
        let skipped = max(0, current - entry.slot)
        let due = entry.refresh == nil ? entry.gridDue : nil
        entry.refresh = nil
        entry.slot = max(entry.slot, current + 1)
        entries[read] = entry
        return Turn(read: read, slot: current, skipped: skipped, due: due)
    }

    /// Makes `read` due at once, beside its grid.
    mutating func refresh(_ read: Int, at now: Duration) {
        entries[read].refresh = now
    }
}
