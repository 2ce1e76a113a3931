// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

// The names of a batch's columns.

extension ByteWriter {
    mutating func names(_ names: Names) {
        count(names.devices.count)
        for device in names.devices {
            text(device.equipment)
            text(device.device)
        }
        count(names.quantities.count)
        for quantity in names.quantities {
            text(quantity.signal)
            optionalText(quantity.unit)
        }
        var next = NextColumn()
        for column in names.columns {
            signed(Int64(column.device - next.device))
            signed(Int64(column.quantity - next.quantity))
            next.follow(column)
        }
    }
}

extension ByteReader {
    /// Of `count` columns.
    mutating func names(_ count: Int) throws(Damage) -> Names {
        var names = Names()
        for _ in 0..<(try self.count()) {
            names.devices.append(Names.Device(equipment: try text(), device: try text()))
        }
        for _ in 0..<(try self.count()) {
            names.quantities.append(Names.Quantity(signal: try text(), unit: try optionalText()))
        }
        names.columns.reserveCapacity(count)
        var next = NextColumn()
        for _ in 0..<count {
            let device = Int64(next.device) &+ (try signed())
            let quantity = Int64(next.quantity) &+ (try signed())
            guard names.devices.indices.contains(Int(device)),
                names.quantities.indices.contains(Int(quantity))
            else { throw .content }
            let column = Names.Column(device: Int32(device), quantity: Int32(quantity))
            names.columns.append(column)
            next.follow(column)
        }
        return names
    }
}

/// Foretells a column: the next quantity of the same device.
private struct NextColumn {
    var device: Int32 = 0
    var quantity: Int32 = 0

    mutating func follow(_ column: Names.Column) {
        device = column.device
        quantity = column.quantity + 1
    }
}
