// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Settings

extension RegisterLayout.Encoding {
    /// Registers (or bits in a bit table) that it takes; 1 where the profile says how many.
    package var width: Int {
        switch self {
        case .bool, .int16, .uint16, .float16, .bcd16, .mod10k, .string: 1
        case .int32, .uint32, .float32, .bcd32: 2
        case .int64, .uint64, .float64: 4
        }
    }

    /// How many registers the profile may give it; `nil` if the encoding fixes it.
    ///
    /// Four registers of mod10k reach 10^16; a fifth would not fit 64 bits.
    package var widths: ClosedRange<Int>? {
        switch self {
        case .mod10k: 1...4
        case .string: 1...125
        default: nil
        }
    }

    /// Whether its values are numbers.
    var isNumeric: Bool { self != .bool && self != .string }

    /// Whether its bits can be named.
    var isInteger: Bool {
        switch self {
        case .int16, .uint16, .int32, .uint32, .int64, .uint64: true
        default: false
        }
    }
}

extension Field {
    /// Any number but 0, which would make every reading the same.
    func scale() -> Double? {
        guard let scale = number() else { return nil }
        guard scale != 0 else {
            mistake("\"scale\" must not be 0")
            return nil
        }
        return scale
    }

    func deadband() -> Double? {
        guard let deadband = number() else { return nil }
        guard deadband > 0 else {
            mistake("\"deadband\" must be above 0; leave it out to publish every reading")
            return nil
        }
        return deadband
    }

    /// `{ min: …, max: … }`, one of which may be left out.
    func valueRange() -> ClosedRange<Double>? {
        guard let section = section(keys: ProfileSignal.rangeKeys) else { return nil }
        let low = section.value("min", or: -Double.infinity) { $0.number() }
        let high = section.value("max", or: Double.infinity) { $0.number() }
        guard let low, let high else { return nil }
        guard section["min"] != nil || section["max"] != nil else {
            mistake("\"range\" needs \"min\" or \"max\"")
            return nil
        }
        guard low < high else {
            (section["max"] ?? self).mistake("\"max\" must be above \"min\", \(Field.text(low))")
            return nil
        }
        return low...high
    }

    /// Raw words of the encoding's own width.
    func sentinels(_ encoding: RegisterLayout.Encoding, width: Int) -> [UInt64]? {
        guard encoding.isNumeric else {
            findings.mistake(
                at: keyPlace, "\"unavailable\" has no meaning for \(encoding.rawValue)")
            return nil
        }
        guard let items = items() else { return nil }
        let patterns = items.map { $0.pattern(bits: 16 * width) }
        return patterns.contains(nil) ? nil : patterns.compactMap(\.self)
    }

    /// `{ 0: ready, 1: running }`.
    func bits(of encoding: RegisterLayout.Encoding) -> [Int: String]? {
        guard encoding.isInteger else {
            findings.mistake(
                at: keyPlace, "\"bits\" are those of an integer, not of \(encoding.rawValue)")
            return nil
        }
        guard let entries = entries() else { return nil }
        var bits: [Int: String] = [:]
        var isWhole = true
        for entry in entries {
            let highest = 16 * encoding.width - 1
            guard let number = Int(entry.key), (0...highest).contains(number),
                "\(number)" == entry.key
            else {
                findings.mistake(
                    at: entry.keyPlace,
                    "a bit of \(encoding.rawValue) is 0 to \(highest), not \(Field.quote(entry.key))"
                )
                isWhole = false
                continue
            }
            guard let name = entry.name() else {
                isWhole = false
                continue
            }
            if bits.values.contains(name) {
                entry.mistake("two bits are named \(Field.quote(name))")
                isWhole = false
            }
            bits[number] = name
        }
        return isWhole ? bits : nil
    }
}
