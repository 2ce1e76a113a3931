// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus
import Settings

/// Where a signal lies and how: what `at`, `table`, `type`, `order` and `registers` say together.
struct SignalPlace {
    var table: Table
    var address: UInt16
    var layout: RegisterLayout

    init?(_ section: Section, _ field: Field, _ defaults: ModbusDefaults) {
        let at = section.required("at")
        let address = at?.whole(in: 0...65_535)
        let order = section.value("order", or: defaults.order) {
            $0.choice(of: RegisterLayout.Order.allCases)
        }
        guard let table = Self.table(section, field, defaults),
            let encoding = Self.encoding(section, field, defaults, table),
            let width = Self.width(section, field, encoding, table, defaults)
        else { return nil }
        guard let at, let address, let order else { return nil }
        guard address + width <= 65_536 else {
            at.mistake("\(width) registers from \(address) end beyond address 65535")
            return nil
        }
        self.table = table
        self.address = UInt16(address)
        self.layout = RegisterLayout(encoding: encoding, order: order, width: width)
    }

    private static func table(
        _ section: Section, _ field: Field, _ defaults: ModbusDefaults
    ) -> Table? {
        if let field = section["table"] { return field.choice(of: Table.allCases) }
        switch defaults.table {
        case .value(let table):
            return table
        case .unreadable:
            return nil
        case .nothing:
            field.findings.mistake(
                at: field.keyPlace,
                "\(Field.quote(field.key)) has no \"table\", nor is there one under \"modbus\"")
            return nil
        }
    }

    private static func encoding(
        _ section: Section, _ field: Field, _ defaults: ModbusDefaults, _ table: Table
    ) -> RegisterLayout.Encoding? {
        if let type = section["type"] {
            guard let encoding = type.choice(of: RegisterLayout.Encoding.allCases) else {
                return nil
            }
            guard !table.holdsBits || encoding == .bool else {
                type.mistake(
                    "the table \"\(table.rawValue)\" holds bits, not \(encoding.rawValue)",
                    suggestion: "bool")
                return nil
            }
            return encoding
        }
        if table.holdsBits { return .bool }
        switch defaults.encoding {
        case .value(let encoding):
            return encoding
        case .unreadable:
            return nil
        case .nothing:
            field.findings.mistake(
                at: field.keyPlace,
                "\(Field.quote(field.key)) has no \"type\", nor is there one under \"modbus\"")
            return nil
        }
    }

    private static func width(
        _ section: Section, _ field: Field, _ encoding: RegisterLayout.Encoding, _ table: Table,
        _ defaults: ModbusDefaults
    ) -> Int? {
        let written = section["registers"]
        let width: Int
        if let bounds = encoding.widths {
            guard let written else {
                field.findings.mistake(
                    at: field.keyPlace,
                    "\(Field.quote(field.key)) needs \"registers\": how many its "
                        + "\(encoding.rawValue) takes")
                return nil
            }
            guard let count = written.whole(in: bounds) else { return nil }
            width = count
        } else {
            width = encoding.width
            if let written {
                section.findings.mistake(
                    at: written.keyPlace,
                    "\"registers\" is for string, chars and mod10k; \(encoding.rawValue) always takes "
                        + "\(width)")
                return nil
            }
        }
        guard table.holdsBits || width <= defaults.maxRegisters else {
            (written ?? section["type"] ?? field).mistake(
                "\(width) registers are more than \"max-registers\", \(defaults.maxRegisters)")
            return nil
        }
        return width
    }
}
