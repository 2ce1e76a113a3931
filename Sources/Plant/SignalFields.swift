// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Settings

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
        guard encoding.hasPattern else {
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

extension Field {
    /// `{ bit: 4, width: 3 }`.
    func bitField(of encoding: RegisterLayout.Encoding) -> BitField? {
        guard encoding.isInteger else {
            findings.mistake(
                at: keyPlace, "\"field\" is some bits of an integer, not of \(encoding.rawValue)")
            return nil
        }
        let size = 16 * encoding.width
        guard let section = section(keys: BitField.keys) else { return nil }
        let bit = section.required("bit")?.whole(in: 0...size - 1)
        let width = section.required("width")?.whole(in: 1...size)
        guard let bit, let width else { return nil }
        guard bit + width <= size else {
            section["width"]?.mistake(
                "\(width) bits from bit \(bit) end beyond bit \(size - 1) of \(encoding.rawValue)")
            return nil
        }
        return BitField(bit: bit, width: width)
    }

    /// `true`, or `{ rollover: 1000000 }`; `nil` also for `false`.
    func counter(of layout: RegisterLayout, field: BitField?, scale: Double) -> Counter? {
        let natural =
            field.map { Double(sign: .plus, exponent: $0.width, significand: 1) }
            ?? layout.encoding.rollover(width: layout.width)
        var counter = Counter(rollover: natural)
        if case .mapping = node.content {
            guard let section = section(keys: Counter.keys),
                let written = section.required("rollover"),
                let count = written.whole(in: 2...Int(min(natural ?? 0x1p53, 0x1p53)))
            else { return nil }
            counter.rollover = Double(count)
        } else if flag() != true {
            return nil
        }
        guard scale > 0 else {
            findings.mistake(at: keyPlace, "a counter counts up: its \"scale\" must be above 0")
            return nil
        }
        return counter
    }

    /// `Z`, `+08:00`, `-03:30`: what RFC 3339 writes behind a time.
    func utcOffset() -> String? {
        guard let text = text() else { return nil }
        let bytes = Array(text.utf8)
        let isDigit = bytes.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let isOffset =
            isDigit == [false, true, true, false, true, true]
            && (bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-"))
            && bytes[3] == UInt8(ascii: ":") && text.dropFirst().prefix(2) < "24"
            && text.suffix(2) < "60"
        guard text == "Z" || isOffset else {
            mistake("\(Field.quote(key)) must be Z, or like +08:00, not \(Field.quote(text))")
            return nil
        }
        return text
    }
}

extension BitField {
    static let keys = ["bit", "width"]
}

extension Counter {
    static let keys = ["rollover"]
}

extension Publishing {
    /// After a mistake it goes on without what is wrong.
    init(_ section: Section) {
        deadband = section["deadband"]?.deadband()
        onChange = section["on-change"]?.flag() ?? false
        atLeastEvery = section["at-least-every"]?.duration(in: Self.leastEvery)
        if let field = section["at-least-every"], section["deadband"] == nil, !onChange {
            section.findings.mistake(
                at: field.keyPlace,
                "\"at-least-every\" needs \"deadband\" or \"on-change\": without them every "
                    + "reading is published")
        }
    }

    /// A day's silence is the most that anybody should have to bear.
    private static let leastEvery = Duration.seconds(1)...Duration.seconds(86_400)
}
