// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

extension Field {
    /// The most characters of a text: it goes into every batch or onto a status page.
    static let textLimit = 500

    /// A text of one line that is not empty.
    package func text() -> String? {
        guard let (text, _) = scalar() else { return nil }
        guard !text.isEmpty else {
            mistake("\(subject) is empty")
            return nil
        }
        guard text.unicodeScalars.count <= Self.textLimit else {
            mistake("\(subject) is longer than \(Self.textLimit) characters")
            return nil
        }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else {
            mistake("\(subject) must be one line without control characters")
            return nil
        }
        return text
    }

    /// `true` or `false`.
    package func flag() -> Bool? {
        guard let (text, quoted) = scalar() else { return nil }
        if !quoted, text == "true" { return true }
        if !quoted, text == "false" { return false }
        let meant: String? =
            switch text.lowercased() {
            case "true", "yes", "on", "1": "true"
            case "false", "no", "off", "0": "false"
            default: nil
            }
        mistake("\(subject) must be true or false, not \(Self.quote(text))", suggestion: meant)
        return nil
    }

    /// One of the words of `choices`.
    package func choice<Choice>(of choices: [Choice]) -> Choice?
    where Choice: RawRepresentable, Choice.RawValue == String {
        guard let (text, _) = scalar() else { return nil }
        if let choice = choices.first(where: { $0.rawValue == text }) { return choice }
        let words = choices.map(\.rawValue)
        let listed = words.count <= 16 ? ": one of \(words.joined(separator: ", "))" : ""
        mistake(
            "\(subject) cannot be \(Self.quote(text))\(listed)",
            suggestion: Suggestion.nearest(to: text, among: words))
        return nil
    }
}

extension Field {
    /// A whole number, decimal or 0x hexadecimal, within `bounds`.
    package func whole(in bounds: ClosedRange<Int>) -> Int? {
        guard let (text, quoted) = scalar() else { return nil }
        guard let value = Self.whole(text), !quoted else {
            let unquoted = quoted && Self.whole(text) != nil
            mistake(
                "\(subject) must be a whole number, not \(Self.quote(text))"
                    + (unquoted ? " in quotes" : ""),
                suggestion: unquoted ? text : Self.withoutLeadingZeros(text))
            return nil
        }
        guard bounds.contains(value) else {
            mistake(
                "\(subject) must be \(bounds.lowerBound) to \(bounds.upperBound), not \(text)")
            return nil
        }
        return value
    }

    /// A finite number, decimal or 0x hexadecimal.
    package func number() -> Double? {
        guard let (text, quoted) = scalar() else { return nil }
        guard let value = Self.number(text), !quoted else {
            let unquoted = quoted && Self.number(text) != nil
            mistake(
                "\(subject) must be a number, not \(Self.quote(text))"
                    + (unquoted ? " in quotes" : ""),
                suggestion: unquoted ? text : Self.withDecimalPoint(text))
            return nil
        }
        return value
    }

    /// A bit pattern of at most `bits` bits, decimal or 0x hexadecimal, never negative.
    package func pattern(bits: Int) -> UInt64? {
        guard let (text, quoted) = scalar() else { return nil }
        let highest = UInt64.max >> UInt64(64 - bits)
        if !quoted, let value = Self.unsigned(text), value <= highest { return value }
        var meant: String?
        if let negative = Int64(text), negative < 0 {
            let word = UInt64(bitPattern: negative) & highest
            meant = "0x" + String(word, radix: 16, uppercase: true)
        }
        mistake(
            "\(subject) must be a raw value of \(bits) bits such as "
                + "0x\(String(highest, radix: 16, uppercase: true)), not \(Self.quote(text))",
            suggestion: meant)
        return nil
    }
}

extension Field {
    private static func isDecimal(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            && (text.utf8.count == 1 || text.utf8.first != UInt8(ascii: "0"))
    }

    static func unsigned(_ text: String) -> UInt64? {
        if text.hasPrefix("0x") || text.hasPrefix("0X") {
            let digits = text.dropFirst(2)
            guard digits.utf8.first.map({ $0 != UInt8(ascii: "+") }) ?? false else { return nil }
            return UInt64(digits, radix: 16)
        }
        return isDecimal(text) ? UInt64(text) : nil
    }

    static func whole(_ text: String) -> Int? {
        let negative = text.hasPrefix("-")
        guard let magnitude = unsigned(negative ? String(text.dropFirst()) : text) else {
            return nil
        }
        return negative
            ? Int(exactly: magnitude).map { -$0 }
            : Int(exactly: magnitude)
    }

    static func number(_ text: String) -> Double? {
        if let whole = whole(text) { return Double(whole) }
        // `Double` reads more than a number: "nan", "infinity", "0x1p3".
        guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }) else { return nil }
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// A number for a message, without the decimals of a whole one.
    package static func text(_ number: Double) -> String {
        let text = "\(number)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// 010 is eight to some and ten to others.
    private static func withoutLeadingZeros(_ text: String) -> String? {
        let digits = text.drop { $0 == "0" }
        return text.hasPrefix("0") && isDecimal(digits) ? String(digits) : nil
    }

    private static func withDecimalPoint(_ text: String) -> String? {
        let pointed = String(text.map { $0 == "," ? "." : $0 })
        return pointed != text && number(pointed) != nil ? pointed : nil
    }
}
