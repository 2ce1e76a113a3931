// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What a column's lines have in common, written once: `","equipment":"…","signal":"…","value":`
/// and, where it has a unit, `,"unit":"…"`.
struct LinePieces {
    /// All pieces, one after another.
    private(set) var bytes: [UInt8]
    /// Of each column, from the time's closing quote to the value.
    private(set) var middles: [Range<Int32>] = []
    /// Of each column; empty without a unit.
    private(set) var units: [Range<Int32>] = []

    init(_ names: Names) {
        bytes = []
        bytes.reserveCapacity(Self.room(for: names))
        middles.reserveCapacity(names.count)
        units.reserveCapacity(names.count)
        let unit = names.units.map { unit in
            piece {
                $0 += #","unit":"#.utf8
                JSONText.append(unit, to: &$0)
            }
        }
        var equipment: [UInt8] = []
        for column in 0..<names.count {
            if !names.equipment.repeats(column) { equipment = Self.equipment(column, of: names) }
            middles.append(
                piece {
                    $0 += equipment
                    names.signals.appendJSON(column, to: &$0)
                    $0 += Self.beforeValue
                })
            let number = Int(names.unitNumbers[column])
            units.append(number == 0 ? 0..<0 : unit[number - 1])
        }
    }

    private static let beforeEquipment = Array(#"","equipment":"#.utf8)
    private static let beforeSignal = Array(#","signal":"#.utf8)
    private static let beforeValue = Array(#","value":"#.utf8)

    private static func equipment(_ column: Int, of names: Names) -> [UInt8] {
        var bytes = beforeEquipment
        names.equipment.appendJSON(column, to: &bytes)
        bytes += beforeSignal
        return bytes
    }

    /// What all pieces take, unless a name has to be escaped.
    private static func room(for names: Names) -> Int {
        var room = names.signals.bytes.count
        for column in 0..<names.count { room += names.equipment.range(column).count }
        return room + names.count
            * (beforeEquipment.count + beforeSignal.count + beforeValue.count + 4)
    }

    private mutating func piece(_ write: (inout [UInt8]) -> Void) -> Range<Int32> {
        let start = Int32(bytes.count)
        write(&bytes)
        return start..<Int32(bytes.count)
    }
}

extension Texts {
    /// Appends a text to `bytes`, quoted and escaped.
    fileprivate func appendJSON(_ index: Int, to output: inout [UInt8]) {
        bytes.withUnsafeBufferPointer {
            JSONText.append(UnsafeBufferPointer(rebasing: $0[range(index)]), to: &output)
        }
    }
}
