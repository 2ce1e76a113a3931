// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

/// What is remembered of batches that have gone has a bound, and its sums stay exact.
@Suite(.conserving) struct LostMergingTests {
    private static let most = 48

    private static func row(_ sequence: Int64, _ reason: LossReason, _ records: Int) -> LostRow {
        LostRow(
            from: sequence, to: sequence, records: records, first: .start, last: .start,
            reason: reason)
    }

    /// Shows all rows, twelve at a time, until nothing changes.
    private static func merge(_ rows: [LostRow], _ merging: inout LostMerging) -> [LostRow] {
        var rows = rows
        while merging.isDue(rows.count, most: most) {
            let place = rows.firstIndex { $0.to > merging.through } ?? rows.count
            let piece = Array(rows[place...].prefix(12))
            let merged = merging.merge(piece)
            rows.replaceSubrange(place..<place + piece.count, with: merged)
            if merged.count == piece.count, piece.count < 12 { break }
        }
        return rows
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `sums stay, nothing goes over a batch, and the newest stay one by one`(seed: UInt64) {
        var random = Seeded(seed)
        let alternating = Int.random(in: 0...100, using: &random)
        let standing = Int.random(in: 0...30, using: &random)
        var sequence: Int64 = 0
        var reason = LossReason.bufferLimit
        let rows = (0..<1_500).map { _ in
            sequence += Int.random(in: 0..<100, using: &random) < standing ? 2 : 1
            if Int.random(in: 0..<100, using: &random) < alternating {
                reason = LossReason.allCases.randomElement(using: &random) ?? reason
            }
            return Self.row(sequence, reason, Int.random(in: 0...9, using: &random))
        }
        var merging = LostMerging()
        let merged = Self.merge(rows, &merging)
        #expect(merged.reduce(0) { $0 + $1.records } == rows.reduce(0) { $0 + $1.records })
        #expect(merged.flatMap { Array($0.from...$0.to) } == rows.map(\.from))
        let runs = zip(rows, rows.dropFirst()).count { $0.to + 1 < $1.from } + 1
        #expect(merged.count <= max(8 * Self.most, runs + Self.most + Self.most / 4))
        #expect(merged.suffix(Self.most / 2) == rows.suffix(Self.most / 2))
    }

    @Test func `what went for the one reason and then the other goes together when it must`() {
        let rows = (1...400 as ClosedRange<Int64>).map {
            Self.row($0, $0 % 2 == 0 ? .corruption : .bufferLimit, $0 % 2 == 0 ? 3 : 2)
        }
        var merging = LostMerging()
        let isDue = [60, 61].map { merging.isDue($0, most: Self.most) }
        #expect(isDue == [false, true])
        let apart = merging.merge(Array(rows.prefix(12)))
        #expect(apart.count == 12)
        let isDueNow = merging.isDue(400, most: Self.most)
        #expect(isDueNow)
        #expect(merging.through == 0, "what stood alone is looked at again")
        let merged = merging.merge(Array(rows.prefix(12)))
        #expect(merged.map(\.records) == [30])
        #expect(merged.map(\.reason) == [.corruption], "the one that has cost more")
        merging.add(at: 12)
        #expect(merging.through == 0)
    }

    /// Of two losses that the stream tells by turns, many times as many as are remembered.
    @Test func `in the file there are never more than eight times as many as are wanted`() throws {
        let scratch = try Scratch()
        let settings = scratch.settings(limit: 192 << 10)
        let most = Retention.tombstones(limit: settings.limit)
        let store = try Store(settings, boot: "")
        var produced = 0
        for round in 0..<8 * most / 20 + 40 {
            let losses = (0..<20).map { number in
                Loss(
                    records: number % 2 + 1, first: .start + round, last: .start + round,
                    reason: number % 2 == 0 ? .notStored : .corruption)
            }
            _ = try store.seal(
                Records([reading(round)]), sealed: .start, monotonic: nil, clock: .synced,
                losses: losses)
            produced += 31
            while store.upkeep() == .zero {}
            let rows = try #require(
                try store.database.first("SELECT count(*) FROM lost") { $0.count(0) })
            #expect(rows == store.tombstones)
            #expect(rows <= 8 * most)
        }
        let lost = try store.stream.lostRecords()
        let batches = try store.stream.batches(from: 21, to: store.newest)
        #expect(lost.values.reduce(0, +) + batches == produced)
        #expect(try #require(lost[.corruption]) > 0)
        #expect(lost[.notStored, default: 0] < produced / 31 * 10, "under the graver reason")
        try store.close()
        let sum = produced
        Books.count(in: settings.directory) { sum }
    }
}
