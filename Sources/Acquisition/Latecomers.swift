// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Modbus

/// Which units of a line answer later than its timeout, again and again. A value: it learns from
/// what the link has counted.
struct Latecomers: Sendable {
    /// So many late answers are no hiccup.
    static let patience = 3

    private let timeout: Duration
    private var heard = 0
    private var times: [UInt8: Int] = [:]

    init(timeout: Duration) { self.timeout = timeout }

    /// The last late answer, of a unit that has become one to tell of; once for each.
    ///
    /// What came too late for a short probe, but within the timeout, is none.
    mutating func news(in link: LinkCounts) -> LateAnswer? {
        guard link.lateAnswers > heard else { return nil }
        heard = link.lateAnswers
        guard let late = link.latestLate, late.exceeds(timeout) else { return nil }
        times[late.unit, default: 0] += 1
        return times[late.unit] == Self.patience ? late : nil
    }
}
