// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

/// Batches of a plant under pressure, from a seed: numbers that do not compress, states that
/// change now and then, readings that fail, notes, and numbered transitions.
struct PressedPlant {
    private var random: Seeded
    private(set) var time = Timestamp.start
    private var transitions = 0
    private let signals = (0..<6).map { index in
        Signal(
            equipment: "press-\(index / 3)", device: "drive", signal: "signal-\(index)",
            unit: [nil, "Cel", "V"][index % 3], role: nil)
    }

    init(seed: UInt64) { random = Seeded(seed) }

    /// A batch of ten seconds.
    mutating func next() -> [Record] {
        let seconds = Int.random(in: 1...30, using: &random)
        var records: [Record] = []
        for _ in 0..<seconds * 10 {
            let step = Int64.random(in: 1...100, using: &random)
            time = Timestamp(milliseconds: time.milliseconds + step)
            records.append(record())
        }
        return records
    }

    private mutating func record() -> Record {
        switch Int.random(in: 0..<400, using: &random) {
        case 0:
            transitions += 1
            return .health(
                Entry(
                    time: time, equipment: "press-1",
                    line: #"{"type":"health","number":\#(transitions)}"#))
        case 1: return .note(Entry(time: time, equipment: nil, line: #"{"type":"note"}"#))
        default: break
        }
        let index = Int.random(in: 0..<signals.count, using: &random)
        let content: Reading.Content =
            switch Int.random(in: 0..<100, using: &random) {
            case 0: .bad(.noAnswer)
            case 1: .uncertain(value(index), .calibrationOverdue)
            default: .good(value(index))
            }
        return .reading(Reading(signal: signals[index], time: time, content: content))
    }

    private mutating func value(_ index: Int) -> Value {
        switch index {
        case 0: .boolean(Int.random(in: 0..<50, using: &random) == 0)
        case 1: .text(["run", "stop"][Int.random(in: 0..<40, using: &random) / 39])
        case 2: .number(Double.random(in: -8e307...8e307, using: &random))
        default: .number(Double.random(in: -1e6...1e6, using: &random))
        }
    }
}
