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
/// - Batches of transitions alone stay where they stand, and no room is looked for in them until
///   nothing else is left: so whatever else there is goes before any of them, however large the
///   limit is, and nothing is written twice for it. What stays lies behind `Stream.pressed`.
/// - Of the others as many go together as make one batch of useful size: more summaries of one window
///   in one, and fewer batches that hold a transition each. A run is bounded, because the writer does
///   nothing else meanwhile.
struct Pressure {
    let whenFull: WhenFull
    /// Stored bytes that a run takes at most.
    let bytes: Int

    /// Batches that are looked at for a run at most: 40 minutes of 10 s batches.
    static let batches = 256
    /// Records that are opened for a run at most; `ForecastBenchmark` says how long that takes.
    static let opened = 200_000

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
    /// Transitions of so many bytes are a batch worth leaving: its head takes a thirtieth of them.
    /// Less is put together with what comes next; a run is a quarter of it at least.
    private static let whole = 16 << 10

    /// Whether something of a batch is carried on, as far as that is known without opening it.
    func carries(_ row: Stream.Row) -> Bool { whenFull == .thin || row.transitions != 0 }

    private func stays(_ row: Stream.Row) -> Bool {
        row.isTransitionsAlone && row.bytes >= min(Self.whole, bytes / 4)
    }
}

extension Pressure {
    /// The oldest batches that are condensed together, found by taking one after the other.
    struct Run {
        private let pressure: Pressure
        private let consumers: [Int64]
        private(set) var rows: [Stream.Row] = []
        /// Up to here there are only batches that stay.
        private(set) var settled: Int64
        /// Whether there may be more behind what was looked at.
        private(set) var isCut = false
        private var batches = 0
        private var looked = 0
        private var bytes = 0
        private var opened = 0

        /// `settled` is where looking begins; `consumers` are the places of those who read.
        init(_ pressure: Pressure, after settled: Int64, consumers: [Int64]) {
            self.pressure = pressure
            self.settled = settled
            self.consumers = consumers
        }

        /// Whether condensing would make less of it: one batch of transitions would come out as it
        /// went in.
        var isWorthwhile: Bool {
            rows.count > 1 || rows.first.map { !$0.isTransitionsAlone } ?? false
        }

        /// Takes the next batch that is kept; whether to ask for another.
        mutating func take(_ row: Stream.Row) -> Bool {
            batches += 1
            looked += row.bytes
            let isStaying = pressure.stays(row)
            if !isStaying, !rows.isEmpty, isTooMuch(row) {
                isCut = true
                return false
            }
            if !isStaying {
                rows.append(row)
                bytes += row.bytes
                if pressure.carries(row) { opened += row.records }
            } else if rows.isEmpty {
                settled = row.sequence
            }
            // What stays is not opened, but its pages are asked where its row goes on.
            isCut = batches == Pressure.batches || looked > 2 * Pressure.most
            return !isCut
        }

        /// A run ends where a consumer stands: what is carried on of it was either read or not.
        private func isTooMuch(_ row: Stream.Row) -> Bool {
            let begins = rows.first?.sequence ?? row.sequence
            return bytes + row.bytes > pressure.bytes
                || opened + (pressure.carries(row) ? row.records : 0) > Pressure.opened
                || consumers.contains { (begins..<row.sequence).contains($0) }
        }
    }
}

extension Stream.Row {
    /// Whether there is nothing in it but transitions; of a batch with summaries it is not known.
    fileprivate var isTransitionsAlone: Bool { records > 0 && transitions == records }
}
