// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// What the lines of a device, of a quantity and of a state have in common, written once: a line is
/// a time, a number and four of these.
struct LinePieces {
    /// All pieces, one after another.
    private(set) var bytes: [UInt8] = []
    /// Of each device, from the time's closing quote on: `","equipment":"…","signal":"<device>/`.
    private(set) var devices: [Range<Int32>] = []
    /// Of each quantity, up to its value: `<signal>","value":`.
    private(set) var signals: [Range<Int32>] = []
    /// Of each quantity: `,"unit":"…"`, or nothing.
    private(set) var units: [Range<Int32>] = []

    /// Of each state, from the quality on: `,"quality":"bad","reason":"no-answer"}` and the end.
    private var tails: [State: Range<Int32>] = [:]
    private var goodTail: Range<Int32> = 0..<0

    /// `end` is what stands after each line.
    init(_ names: Names, _ states: Set<State>, end: UInt8) {
        for device in names.devices {
            devices.append(
                piece {
                    $0 += #"","equipment":"#.utf8
                    JSONText.append(device.equipment, to: &$0)
                    $0 += #","signal":""#.utf8
                    JSONText.append(unquoted: device.device, to: &$0)
                    $0.append(UInt8(ascii: "/"))
                })
        }
        for quantity in names.quantities {
            signals.append(
                piece {
                    JSONText.append(unquoted: quantity.signal, to: &$0)
                    $0 += #"","value":"#.utf8
                })
            units.append(
                piece {
                    guard let unit = quantity.unit else { return }
                    $0 += #","unit":"#.utf8
                    JSONText.append(unit, to: &$0)
                })
        }
        goodTail = piece { Self.tail(.good, end, to: &$0) }
        for state in states { tails[state] = piece { Self.tail(state, end, to: &$0) } }
    }

    private static func tail(_ state: State, _ end: UInt8, to bytes: inout [UInt8]) {
        bytes += #","quality":""#.utf8
        bytes += state.quality.rawValue.utf8
        if let reason = state.reason {
            bytes += #"","reason":""#.utf8
            bytes += reason.word.utf8
        }
        bytes.append(UInt8(ascii: "\""))
        if case .refused(let exception) = state.reason {
            bytes += #","exception":"#.utf8
            NumberText.append(to: &bytes) { NumberText.write(UInt64(exception), to: $0) }
        }
        bytes.append(UInt8(ascii: "}"))
        bytes.append(end)
    }

    /// What a reading of this state ends with.
    @inline(__always)
    func tail(of state: State) -> Range<Int32> {
        state == .good ? goodTail : tails[state] ?? goodTail
    }

    var longestTail: Int { tails.values.reduce(goodTail.count) { max($0, $1.count) } }

    /// The length of a column's pieces.
    func length(of column: Names.Column) -> Int {
        devices[Int(column.device)].count + signals[Int(column.quantity)].count
            + units[Int(column.quantity)].count
    }

    private mutating func piece(_ write: (inout [UInt8]) -> Void) -> Range<Int32> {
        let start = Int32(bytes.count)
        write(&bytes)
        return start..<Int32(bytes.count)
    }
}
