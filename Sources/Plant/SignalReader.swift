// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Settings

extension ProfileSignal {
    static let keys = [
        "at", "table", "type", "order", "registers", "field", "scale", "scale-factor", "offset",
        "unit", "role", "range", "unavailable", "every", "deadband", "on-change",
        "at-least-every", "counter", "confirm", "utc-offset", "bits",
    ]
    static let rangeKeys = ["min", "max"]

    /// `nil` after a mistake. The scale factor is read when all signals are known: it may be one.
    init?(_ field: Field, _ defaults: ModbusDefaults) {
        guard let section = field.section(keys: Self.keys) else { return nil }
        let name = field.namedKey()
        let place = SignalPlace(section, field, defaults)
        if let layout = place?.layout { Self.refuseMeaningless(section, layout) }
        let scale = section.value("scale", or: Profile.Default.scale) { $0.scale() }
        let offset = section.value("offset", or: Profile.Default.offset) { $0.number() }
        let unit = section["unit"]?.unitCode()
        let role = section["role"]?.choice(of: Role.allCases)
        let range = section["range"]?.valueRange()
        let every = section["every"]?.duration(in: Configuration.Bound.every)
        let publishing = Publishing(section)
        let isConfirmed = section.value("confirm", or: false) { $0.flag() }
        let utcOffset = section.value("utc-offset", or: "") { $0.utcOffset() }
        let word = place.flatMap { WordRules(section, $0.layout, scale: scale ?? 1) }
        guard let name, let place, let scale, let offset, let isConfirmed, let utcOffset, let word
        else { return nil }
        self.init(
            name: name, table: place.table, address: place.address, layout: place.layout,
            scale: scale, offset: offset, unit: unit, role: role, range: range,
            unavailable: word.unavailable, every: every, publishing: publishing,
            bits: word.bits, field: word.field, counter: word.counter, isConfirmed: isConfirmed,
            utcOffset: utcOffset)
    }

    /// Keys that say nothing about a value of this type.
    private static func refuseMeaningless(_ section: Section, _ layout: RegisterLayout) {
        let encoding = layout.encoding
        var keys: [String] = []
        if encoding.kind != .number {
            keys += ["scale", "scale-factor", "offset", "unit", "range", "deadband", "counter"]
        }
        if encoding.kind != .number || layout.width == 1 { keys.append("confirm") }
        if !encoding.isClock { keys.append("utc-offset") }
        for field in keys.compactMap({ section[$0] }) {
            let width = field.key == "confirm" && encoding.kind == .number ? " of one register" : ""
            section.findings.mistake(
                at: field.keyPlace,
                "\(Field.quote(field.key)) has no meaning for \(encoding.rawValue)\(width)")
        }
    }
}

/// What a signal's line says of the raw word.
private struct WordRules {
    var unavailable: [UInt64]
    var bits: [Int: String]
    var field: BitField?
    var counter: Counter?

    /// `nil` after a mistake.
    init?(_ section: Section, _ layout: RegisterLayout, scale: Double) {
        let unavailable = section.value("unavailable", or: []) {
            $0.sentinels(layout.encoding, width: layout.width)
        }
        let bits = section.value("bits", or: [:]) { $0.bits(of: layout.encoding) }
        field = section["field"]?.bitField(of: layout.encoding)
        if let written = section["counter"], layout.encoding.kind == .number {
            counter = written.counter(of: layout, field: field, scale: scale)
        }
        guard let unavailable, let bits else { return nil }
        self.unavailable = unavailable
        self.bits = bits
    }
}
