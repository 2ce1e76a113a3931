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
        var excess = -50
        var presser = LossReason.bufferLimit
        var acknowledged: Int64?
        var seconds = 0
        let removed: ClosedRange<Int64>?
        var reason = LossReason.bufferLimit
    }

    @Test(arguments: [
        Case(name: "room enough", excess: -50, removed: nil),
        Case(name: "one must go", excess: 6, removed: 1...1),
        Case(name: "three must go", excess: 26, removed: 1...3),
        Case(name: "a step at most", excess: 4_000, removed: 1...50),
        Case(name: "acknowledged, too young", acknowledged: 9, seconds: 60, removed: nil),
        Case(
            name: "acknowledged, old enough", acknowledged: 9, seconds: 65, removed: 1...5,
            reason: .acknowledged),
        Case(
            name: "old enough, acknowledged in part", acknowledged: 3, seconds: 99,
            removed: 1...3, reason: .acknowledged),
        Case(
            name: "no room, and acknowledged: no loss", excess: 26, acknowledged: 9,
            removed: 1...3, reason: .acknowledged),
        Case(
            name: "the disk's doing", excess: 6, presser: .diskFull, removed: 1...1,
            reason: .diskFull),
        Case(name: "nobody acknowledges, no consumer", seconds: 1_000, removed: nil),
    ])
    private func `what goes, and why`(row: Case) {
        var step = Retention.Step(
            Self.retention, most: 50, excess: row.excess, reason: row.presser,
            acknowledged: row.acknowledged, at: .seconds(row.seconds))
        for batch in Self.oldest where !step.take(batch) { break }
        let expected = row.removed.map { range in
            range.map { Retention.Removal(sequence: $0, reason: row.reason, pages: 10) }
        }
        #expect(step.removals == expected ?? [])
    }

    @Test func `a piece becomes as large as some milliseconds allow, and no larger`() {
        var stride = Stride(50...800)
        stride.record(49, in: .milliseconds(1))
        #expect(stride.size == 50, "it was no whole one")
        for _ in 0..<9 { stride.record(stride.size, in: .milliseconds(1)) }
        #expect(stride.size == 800)
        stride.record(800, in: .milliseconds(9))
        #expect(stride.size == 800)
        stride.record(10, in: .milliseconds(13))
        #expect(stride.size == 400, "a part that takes too long says enough")
        for _ in 0..<9 { stride.record(400, in: .seconds(1)) }
        #expect(stride.size == 50)
    }
}
