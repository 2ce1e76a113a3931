// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import FoundationEssentials
import Testing

@testable import Buffer

/// All that was ever sealed, and what a reader must find of it: worked out the slow and plain way.
struct RawStream {
    var produced: [Int64: [Record]] = [:]

    /// Holds a page of everything against what was produced: exact counts at each sequence,
    /// transitions all there and each once, and summaries right against what they stand for.
    func check(_ page: Page) throws {
        #expect(page.sequences == Array(1...page.next.sequence))
        var transitions: [String] = []
        for batch in page.batches {
            let records = batch.records
            transitions += records.compactMap(\.transition)
            if let range = batch.head.condensed {
                try check(records, of: range, page.lost)
            } else {
                let raw = try #require(produced[batch.head.cursor.sequence])
                #expect(records.map(plainLine) == raw.map(plainLine))
            }
        }
        #expect(transitions.sorted() == produced.values.joined().compactMap(\.transition).sorted())
        let read = page.batches.reduce(0) { $0 + $1.columns.producedCount }
        let lost = page.lost.reduce(0) { $0 + $1.records }
        #expect(read + lost == produced.values.reduce(0) { $0 + $1.count })
        for range in page.lost where range.reason == .thinned {
            #expect(range.records == thinned(range.from.sequence...range.to.sequence, page))
        }
    }

    /// How many of the readings of a lost range became summaries.
    func thinned(_ range: ClosedRange<Int64>, _ page: Page) -> Int {
        page.condensedRanges.reduce(0) { sum, condensed in
            var plain = PlainSummaries()
            for sequence in condensed where isThinned(sequence, page.lost) {
                plain.take(produced[sequence] ?? [], counting: range.contains(sequence))
            }
            return sum + plain.counted
        }
    }

    private func isThinned(_ sequence: Int64, _ lost: [LostRange]) -> Bool {
        lost.contains {
            $0.reason == .thinned && $0.from.sequence...$0.to.sequence ~= sequence
        }
    }

    /// A condensed batch against the batches that it stands for.
    private func check(
        _ records: [Record], of range: ClosedRange<Int64>, _ lost: [LostRange]
    ) throws {
        var plain = PlainSummaries()
        for sequence in range where isThinned(sequence, lost) {
            plain.take(produced[sequence] ?? [], counting: true)
        }
        let carried = records.filter { $0.summaryLine == nil && $0.transition == nil }
        #expect(carried.map(plainLine) == plain.carried, "all that is no transition, in its order")
        let told = try records.compactMap(\.summaryLine).map { line in
            try JSONDecoder().decode(PlainSummaries.Line.self, from: Data(line.utf8))
        }
        #expect(told.count == plain.spreads.count + plain.repeats.count)
        #expect(told.reduce(0) { $0 + $1.count } == plain.counted)
        for line in told {
            guard let mean = line.mean else { continue }
            let numbers = try #require(plain.spreads[line.signal + " " + line.time])
            #expect(line.count == numbers.count)
            #expect(line.min == numbers.min())
            #expect(line.max == numbers.max())
            let parts = numbers.map { $0 / Double(numbers.count) }
            let expected = parts.reduce(0, +)
            let size = parts.reduce(0) { $0 + abs($1) }
            #expect(abs(mean - expected) <= size * 1e-12)
        }
    }
}

/// What is left of readings, with arrays and dictionaries.
private struct PlainSummaries {
    struct Line: Decodable {
        let time, signal: String
        let min, max, mean: Double?
        let count: Int
    }

    var spreads: [String: [Double]] = [:]
    var repeats: [String: Int] = [:]
    var carried: [String] = []
    /// Of the readings that were to be counted, those that became summaries.
    var counted = 0
    private var last: [Signal: Value] = [:]

    mutating func take(_ records: [Record], counting: Bool) {
        for record in records {
            switch record {
            case .health, .summary: break
            case .note: carried.append(plainLine(record))
            case .reading(let reading): take(reading, counting ? 1 : 0)
            }
        }
    }

    private mutating func take(_ reading: Reading, _ count: Int) {
        guard case .good(let value) = reading.content else {
            return carried.append(plainLine(.reading(reading)))
        }
        let window = reading.time.milliseconds / 300_000 * 300_000
        let place = "\(reading.signal.name) \(Timestamp(milliseconds: window).rfc3339)"
        if case .number(let number) = value {
            spreads[place, default: []].append(number)
            counted += count
        } else if last[reading.signal] == value {
            repeats["\(place) \(value)", default: 0] += 1
            counted += count
        } else {
            last[reading.signal] = value
            carried.append(plainLine(.reading(reading)))
        }
    }
}

extension Page {
    /// What the condensed batches on it stand for.
    var condensedRanges: [ClosedRange<Int64>] { batches.compactMap(\.head.condensed) }
}

extension Record {
    /// Its line, if it is a transition.
    var transition: String? { if case .health(let entry) = self { entry.line } else { nil } }
    /// Its line, if it is a summary.
    var summaryLine: String? { if case .summary(let entry) = self { entry.line } else { nil } }
}
