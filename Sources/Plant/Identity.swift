// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Modbus
import Settings

/// By what a device of this model can be told from others: what it says of itself, or what some of
/// its registers always hold.
package struct Identity: Hashable, Sendable {
    /// Part of the vendor name, object 0 of Read Device Identification, letter case aside.
    package var vendor: String?
    /// Part of its product code, product name or model name (objects 1, 4 and 5), letter case aside.
    package var product: String?
    /// Part of the answer to Report Server ID, letter case aside.
    package var serverID: String?
    /// All of which must hold.
    package var registers: [Mark]

    /// A place whose content only this model has.
    package struct Mark: Hashable, Sendable {
        /// Which of the four tables it lies in.
        package var table: Table
        /// 0-based wire address of its first register or bit.
        package var address: UInt16
        /// How its registers make a value.
        package var layout: RegisterLayout
        /// What it must be.
        package var content: Content

        /// A whole number before any scale, or the beginning of a text.
        package enum Content: Hashable, Sendable {
            case number(Int64)
            case text(String)
        }
    }

    /// The most marks of one profile: every one is a request to every unit that says nothing else.
    package static let markLimit = 4
}

extension Identity {
    static let keys = ["vendor", "product", "server-id", "registers"]
    static let markKeys = ["at", "table", "type", "order", "registers", "is"]

    /// `nil` after a mistake.
    init?(_ field: Field, _ defaults: ModbusDefaults) {
        guard let section = field.section(keys: Self.keys) else { return nil }
        let ways = section.oneOrMore(
            of: Self.keys,
            "\"identity\" says nothing: give it vendor and product, server-id or registers")
        guard !ways.isEmpty else { return nil }
        let vendor = section["vendor"]?.text()
        // A vendor alone names no model.
        let product =
            (section["vendor"] == nil ? section["product"] : section.required("product"))?.text()
        let serverID = section["server-id"]?.text()
        let marks = section.value("registers", or: []) { Self.marks($0, defaults) }
        guard let marks else { return nil }
        self.init(vendor: vendor, product: product, serverID: serverID, registers: marks)
    }

    private static func marks(_ field: Field, _ defaults: ModbusDefaults) -> [Mark]? {
        guard let items = field.items() else { return nil }
        guard items.count <= markLimit else {
            field.mistake("\(items.count) registers; \(markLimit) tell a device from all others")
            return nil
        }
        let marks = items.map { Mark($0, defaults) }
        return marks.contains(nil) ? nil : marks.compactMap(\.self)
    }
}

extension Identity.Mark {
    /// `nil` after a mistake.
    init?(_ field: Field, _ defaults: ModbusDefaults) {
        guard let section = field.section(keys: Identity.markKeys) else { return nil }
        let place = SignalPlace(section, field, defaults)
        guard let wanted = section.required("is"), let place,
            let content = Content(wanted, of: place.layout)
        else { return nil }
        self.init(
            table: place.table, address: place.address, layout: place.layout, content: content)
    }
}

extension Identity.Mark.Content {
    /// What registers of such a layout can hold; `nil` after a mistake.
    fileprivate init?(_ field: Field, of layout: RegisterLayout) {
        switch layout.encoding {
        case .string:
            guard let text = field.text() else { return nil }
            guard text.utf8.count <= 2 * layout.width else {
                field.mistake(
                    "\(layout.width) registers have room for \(2 * layout.width) bytes of text")
                return nil
            }
            self = .text(text)
        case .float16, .float32, .float64:
            field.mistake("a float is no mark to know a device by: take a whole number or a text")
            return nil
        default:
            guard let number = field.whole(in: Int.min...Int.max) else { return nil }
            self = .number(Int64(number))
        }
    }
}
