// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment

/// Records that are all different: each says its number.
struct Numbered {
    private var number = 0
    private var random: Seeded

    init(seed: UInt64) { random = Seeded(seed) }

    /// The next so many; `bytes` is how much text there is beside numbers, which no codec makes
    /// smaller by more than a quarter.
    mutating func next(_ count: Int, bytes: Int, at time: Timestamp) -> Records {
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
        return Records(records)
    }

    /// A transition, and what is read beside it.
    mutating func transition(at time: Timestamp) -> Records {
        number += 1
        let line =
            #"{"type":"health","number":\#(number),"equipment":"press-1","to":"active"}"#
        return Records([.health(Entry(time: time, equipment: "press-1", line: line))])
    }

    private mutating func text(_ count: Int) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        let bytes = (0..<count).map { _ in letters[Int(random.next() >> 58)] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
