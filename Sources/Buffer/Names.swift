// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment

/// Who each column's readings belong to, and in which unit they are.
///
/// A plant has many signals, but few devices with as many each, and few quantities that devices of
/// one model all have: a column names one of each.
struct Names: Equatable, Sendable {
    struct Device: Hashable, Sendable {
        let equipment: String
        let device: String
    }

    struct Quantity: Hashable, Sendable {
        /// A signal's name within its device.
        let signal: String
        let unit: String?
    }

    /// A column's places in `devices` and `quantities`.
    struct Column: Equatable, Sendable {
        let device: Int32
        let quantity: Int32
    }

    var devices: [Device] = []
    var quantities: [Quantity] = []
    var columns: [Column] = []

    func device(of column: Int) -> Device { devices[Int(columns[column].device)] }
    func quantity(of column: Int) -> Quantity { quantities[Int(columns[column].quantity)] }
}

/// Whom the numbers of gathered records mean: a plant's signals, numbered in their order. Made
/// once, and shared by all that is gathered.
package final class Roster: Sendable {
    let names: Names

    /// Takes the signals' names apart.
    package init(_ signals: [Signal]) {
        var names = Names()
        names.columns.reserveCapacity(signals.count)
        var devices: [Names.Device: Int32] = [:]
        var quantities: [Names.Quantity: Int32] = [:]
        for signal in signals {
            let device = Names.Device(equipment: signal.equipment, device: signal.device)
            let quantity = Names.Quantity(signal: signal.quantity, unit: signal.unit)
            names.columns.append(
                Names.Column(
                    device: Self.number(of: device, in: &devices, &names.devices),
                    quantity: Self.number(of: quantity, in: &quantities, &names.quantities)))
        }
        self.names = names
    }

    private static func number<Name: Hashable>(
        of name: Name, in numbers: inout [Name: Int32], _ names: inout [Name]
    ) -> Int32 {
        if let known = numbers[name] { return known }
        let number = Int32(truncatingIfNeeded: names.count)
        names.append(name)
        numbers[name] = number
        return number
    }
}
