// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment
internal import Synchronization

/// Where the lines leave their reports, and the collector takes them away.
///
/// It is bounded: a report that comes while the mailbox is full loses its observations, which are
/// counted and told as lost; events and changes of state are few and always kept.
final class Mailbox: Sendable {
    /// Waiting observations, about 15 MB of them: half a minute of 10,000 signals a second, which
    /// is longer than the collector ever sleeps or a disk should take.
    static let limit = 300_000

    struct Contents: Sendable {
        var reports: [Report] = []
        /// What did not fit since the last emptying.
        var loss: Loss?
    }

    private struct State {
        var contents = Contents()
        var observations = 0

        mutating func lose(from report: Report) {
            contents.loss.add(
                records: report.observations.count, first: report.at.time, last: report.at.time)
            guard report.isNews else { return }
            var report = report
            report.observations = []
            contents.reports.append(report)
        }
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int = Mailbox.limit) { self.limit = limit }

    /// Leaves a report, from any thread; never waits for the collector. Not inlined
    /// (`Line.stackSize`).
    @inline(never)
    func post(_ report: Report) {
        state.withLock { state in
            let count = report.observations.count
            guard state.observations + count <= limit else { return state.lose(from: report) }
            state.observations += count
            state.contents.reports.append(report)
        }
    }

    /// Takes everything away.
    func empty() -> Contents {
        state.withLock { state in
            defer { state = State() }
            return state.contents
        }
    }
}

extension Report {
    /// Whether it tells of a change, beside what it observed.
    fileprivate var isNews: Bool {
        !events.isEmpty || !devices.isEmpty || !steps.isEmpty || isConnected != nil || learnt != nil
    }
}

extension Loss? {
    /// Adds records that could not be kept to what is lost already.
    mutating func add(records: Int, first: Timestamp, last: Timestamp) {
        guard records > 0 else { return }
        self = Loss(
            records: (self?.records ?? 0) + records, first: min(self?.first ?? first, first),
            last: max(self?.last ?? last, last), reason: .notStored)
    }
}
