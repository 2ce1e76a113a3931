// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// One of the four tables of the Modbus data model (MODBUS Application Protocol V1.1b3, §4.3).
package enum Table: String, CaseIterable, Sendable {
    case coil, discrete, input, holding

    /// The function code that reads it: 1, 2, 4 or 3. Millpond sends no other data access.
    package var function: UInt8 {
        switch self {
        case .coil: 1
        case .discrete: 2
        case .holding: 3
        case .input: 4
        }
    }

    /// Coils and discrete inputs, against registers.
    package var holdsBits: Bool { self == .coil || self == .discrete }

    /// The most that one request may ask for (same document, §6.1–6.4).
    package var limit: Int {
        switch self {
        case .coil, .discrete: 2000
        case .holding, .input: 125
        }
    }
}

/// One read of consecutive registers, coils or inputs of one unit.
package struct Request: Hashable, Sendable {
    /// 0–255 on TCP, 1–247 on a serial line.
    package let unit: UInt8
    /// Which of the four tables is read.
    package let table: Table
    /// The 0-based wire address of the first.
    package let start: UInt16
    /// 1 to the table's limit, and not past address 65535.
    package let count: Int

    /// A read within the limits; a count or an end beyond them is a mistake of the caller.
    package init(unit: UInt8, table: Table, start: UInt16, count: Int) {
        precondition((1...table.limit).contains(count), "a read plan never exceeds one PDU")
        precondition(Int(start) + count <= 65_536, "a read plan stays within the address space")
        self.unit = unit
        self.table = table
        self.start = start
        self.count = count
    }
}
