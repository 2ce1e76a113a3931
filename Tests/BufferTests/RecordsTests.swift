// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

/// What is gathered, against a plain array of the same records.
struct RecordsTests {
    /// The lines of what is gathered, as a batch of it has them.
    private static func lines(_ records: Records) -> String {
        var lines: [UInt8] = []
        RecordLines(Columns(records), end: UInt8(ascii: "\n")).append(to: &lines)
        return String(decoding: lines, as: UTF8.self)
    }

    private static func plain(_ records: some Sequence<Record>) -> String {
        records.map { plainLine($0) + "\n" }.joined()
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `what is taken from the front leaves the rest as it was`(seed: UInt64) {
        var random = Seeded(seed)
        var source = AnyRecords(seed: seed)
        var model: [Record] = []
        var records = Records([])
        for round in 0..<8 {
            // Signals are told apart by their numbers: all of a round's are gathered anew.
            if round % 4 == 0 {
                model = source.next(upTo: 200)
                records = Records(model)
            }
            let count = Int.random(in: 0...model.count, using: &random)
            #expect(Self.lines(records.prefix(count)) == Self.plain(model.prefix(count)))
            let times = model.prefix(count).map(\.time)
            #expect(records.times(ofFirst: count)?.lowerBound == times.min())
            #expect(records.times(ofFirst: count)?.upperBound == times.max())
            records.removeFirst(count)
            model.removeFirst(count)
            #expect(records.count == model.count && records.isEmpty == model.isEmpty)
            #expect(Self.lines(records) == Self.plain(model))
        }
    }

    @Test func `what comes after something was taken is numbered on`() {
        let signal = Signal(equipment: "e", device: "d", signal: "s", unit: nil, role: nil)
        var records = Records(of: Roster([signal]))
        var model: [Record] = []
        for round in 0..<50 {
            let time = Timestamp.start + round
            let text = Reading.Content.good(.text("text \(round)"))
            let note = Entry(time: time, equipment: nil, line: #"{"type":"note","n":\#(round)}"#)
            records.append(text, of: 0, at: time)
            records.append(note: note)
            model.append(.reading(Reading(signal: signal, time: time, content: text)))
            model.append(.note(note))
            if round % 3 == 2 {
                records.removeFirst(round % 5)
                model.removeFirst(round % 5)
            }
            #expect(Self.lines(records) == Self.plain(model))
        }
    }

    @Test func `a large plant's reading takes 24 bytes while it waits`() {
        #expect(MemoryLayout<Records.Item>.stride == 24)
    }

    @Test func `readings of many shapes keep their order, also where one signal comes twice`() {
        let signals = (0..<3).map {
            Signal(equipment: "e", device: "d", signal: "s\($0)", unit: nil, role: nil)
        }
        var records: [Record] = []
        for (second, shape) in [[0], [0, 0], [0], [1, 0], [0, 1], [2], [0, 0], [1, 0, 2]]
            .enumerated()
        {
            for (place, signal) in shape.enumerated() {
                records.append(
                    .reading(
                        Reading(
                            signal: signals[signal], time: .start + second,
                            content: .good(.number(Double(second * 10 + place))))))
            }
        }
        let columns = Columns(Records(records))
        #expect(columns.shapes.count == 6)
        #expect(Self.lines(Records(records)) == Self.plain(records))
    }
}

extension Record {
    fileprivate var time: Timestamp {
        switch self {
        case .reading(let reading): reading.time
        case .health(let entry), .note(let entry), .summary(let entry): entry.time
        }
    }
}
