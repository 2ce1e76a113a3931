// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Buffer

/// The decision alone, without a database.
struct RetentionDecisionTests {
    private static let retention = Retention(
        limit: 1_000 * 1_024, pageSize: 1_024, keepAcknowledged: .seconds(60))

    private static let oldest = (1...100 as ClosedRange<Int64>).map { sequence in
        Retention.Candidate(sequence: sequence, elapsed: .seconds(sequence), bytes: 10_200)
    }

    private struct Case {
        let name: String
        var used = 0
        var acknowledged: Int64?
        var seconds = 0
        let removed: ClosedRange<Int64>?
        var reason = LossReason.bufferLimit
    }

    @Test(arguments: [
        Case(name: "room enough", used: 900, removed: nil),
        Case(name: "one must go", used: 960, removed: 1...1),
        Case(name: "three must go", used: 980, removed: 1...3),
        Case(name: "a step at most", used: 5_000, removed: 1...50),
        Case(name: "acknowledged, too young", acknowledged: 9, seconds: 60, removed: nil),
        Case(
            name: "acknowledged, old enough", acknowledged: 9, seconds: 65, removed: 1...5,
            reason: .acknowledged),
        Case(
            name: "old enough, acknowledged in part", acknowledged: 3, seconds: 99,
            removed: 1...3, reason: .acknowledged),
        Case(
            name: "no room, and acknowledged: no loss", used: 980, acknowledged: 9,
            removed: 1...3, reason: .acknowledged),
        Case(name: "nobody acknowledges, no consumer", seconds: 1_000, removed: nil),
    ])
    private func `what goes, and why`(row: Case) {
        let removals = Self.retention.removals(
            of: Self.oldest, used: row.used, for: 10_200, acknowledged: row.acknowledged,
            at: .seconds(row.seconds))
        let expected = row.removed.map { range in
            range.map { Retention.Removal(sequence: $0, reason: row.reason) }
        }
        #expect(removals == expected ?? [])
    }
}
