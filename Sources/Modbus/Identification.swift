// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What a unit says of itself (MODBUS Application Protocol V1.1b3, §6.21): vendor name is object 0,
/// product code 1, revision 2, vendor URL 3, product name 4, model name 5, user application name 6.
package struct DeviceIdentification: Hashable, Sendable {
    /// The bytes of each object by its number; mostly ASCII, but nobody enforces that.
    package var objects: [UInt8: [UInt8]]

    /// At most 255 objects.
    package init(objects: [UInt8: [UInt8]]) { self.objects = objects }
}

extension Link {
    /// Asks for the basic and regular objects (function 43, MEI type 14), as many requests as the
    /// unit's conformity needs; `timeout` bounds all of them together. Throws like `read`.
    package mutating func identification(
        of unit: UInt8, within timeout: Duration
    ) throws(ModbusError) -> DeviceIdentification {
        fatalError("skeleton")
    }

    /// Asks for the server's id (function 17): the bytes after the byte count, whose meaning is the
    /// device's own. Throws like `read`.
    package mutating func serverID(
        of unit: UInt8, within timeout: Duration
    ) throws(ModbusError) -> [UInt8] {
        fatalError("skeleton")
    }
}
