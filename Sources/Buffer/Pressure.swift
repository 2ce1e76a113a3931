// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What becomes of the oldest readings when there is no more room; `Condensing` says how.
package enum WhenFull: String, CaseIterable, Sendable {
    /// They are lost.
    case drop
    /// Minimum, maximum, mean and count are left of them.
    case thin
}

/// Which of the oldest batches are condensed together, when the limit takes them.
///
/// As many as make one batch of useful size: more summaries of one window in one, and fewer batches
/// that hold a transition each. A run is bounded, because the writer does nothing else meanwhile.
struct Pressure {
    let whenFull: WhenFull
    /// Stored bytes that a run takes at most.
    let bytes: Int

    /// Batches in a run at most: 40 minutes of 10 s batches.
    static let batches = 256
    /// Records that are opened for a run at most; `ForecastBenchmark` says how long that takes.
    static let opened = 200_000
    /// Runs that one batch waits for at most. When so many do not give it room, what is kept is
    /// little else than transitions, and the oldest of them go.
    static let runs: Int64 = 64

    init(_ whenFull: WhenFull, limit: Int) {
        self.whenFull = whenFull
        bytes = min(limit / (whenFull == .thin ? Self.thinShare : Self.share), Self.most)
    }

    /// Stored bytes in any run: each of their pages has to be read to be freed.
    private static let most = 2 << 20

    /// The share of the limit that goes at once at most: what is lost early is little.
    private static let share = 32
    /// The same where little is lost: the smallest buffers have no windows worth a summary in less.
    private static let thinShare = 8

    /// Whether something of a batch is carried on, as far as that is known without opening it.
    func carries(_ row: Stream.Row) -> Bool { whenFull == .thin || row.transitions != 0 }

    /// How many of `oldest`, of which the first goes, are condensed together; one at least. A run
    /// ends where a consumer stands: what is carried on of it was either read or not.
    func run(of oldest: [Stream.Row], consumers: [Int64]) -> Int {
        var total = (bytes: 0, opened: 0)
        for (index, row) in oldest.prefix(Self.batches).enumerated() {
            total.bytes += row.bytes
            if carries(row) { total.opened += row.records }
            let isTooMuch = total.bytes > bytes || total.opened > Self.opened
            if index > 0, isTooMuch { return index }
            if consumers.contains(row.sequence) { return index + 1 }
        }
        return min(oldest.count, Self.batches)
    }
}
