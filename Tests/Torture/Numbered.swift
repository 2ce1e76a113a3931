// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment

/// Records that are all different: each says its number.
struct Numbered {
    private var number = 0
    private var random: Seeded

    init(seed: UInt64) { random = Seeded(seed) }

    /// Records, and what the plant will be asked of them.
    struct Made {
        var records: Records
        var readings = 0
        var transitions = 0
    }

    /// The next so many; `bytes` is how much text there is beside numbers, which no codec makes
    /// smaller by more than a quarter.
    mutating func next(_ count: Int, bytes: Int, at time: Timestamp) -> Made {
        var records: [Record] = []
        for _ in 0..<count {
            number += 1
            let signal = Signal(
                equipment: "press-\(number % 3)", device: "drive", signal: "part-count",
                unit: "1", role: nil)
            records.append(
                .reading(
                    Reading(
                        signal: signal, time: time, content: .good(.number(Double(number))))))
        }
        if bytes > 0 {
            number += 1
            let line = #"{"type":"note","number":\#(number),"text":"\#(text(bytes))"}"#
            records.append(.note(Entry(time: time, equipment: nil, line: line)))
        }
        return Made(records: Records(records), readings: count)
    }

    /// A transition, and what is read beside it.
    mutating func transition(at time: Timestamp) -> Made {
        number += 1
        let line =
            #"{"type":"health","number":\#(number),"equipment":"press-1","to":"active"}"#
        let entry = Entry(time: time, equipment: "press-1", line: line)
        return Made(records: Records([.health(entry)]), transitions: 1)
    }

    private mutating func text(_ count: Int) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        let bytes = (0..<count).map { _ in letters[Int(random.next() >> 58)] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
