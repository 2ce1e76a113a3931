// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What the lines of a device, and of a quantity, have in common, written once.
struct LinePieces {
    /// All pieces, one after another.
    private(set) var bytes: [UInt8] = []
    /// Of each device, from the time's closing quote on: `","equipment":"…","signal":"<device>/`.
    private(set) var devices: [Range<Int32>] = []
    /// Of each quantity, up to its value: `<signal>","value":`.
    private(set) var signals: [Range<Int32>] = []
    /// Of each quantity: `,"unit":"…"`, or nothing.
    private(set) var units: [Range<Int32>] = []

    init(_ names: Names) {
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
    }

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
