// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Register words as people write them: `0x4366`, `17254`, `-2`.
package enum WordSyntax {
    /// The most that one answer can hold.
    package static let limit = 125

    /// Which text is no word, and why.
    package struct Failure: Error, Equatable {
        /// One sentence without a full stop.
        package let reason: String
    }

    /// Reads every text, or throws for the first that is no word.
    package static func words(_ texts: [String]) throws(Failure) -> [UInt16] {
        guard texts.count <= limit else {
            throw Failure(reason: "\(texts.count) words; one answer holds \(limit) at the most")
        }
        var words: [UInt16] = []
        for (index, text) in texts.enumerated() {
            words.append(try word(text, at: index + 1))
        }
        return words
    }

    private static func word(_ text: String, at place: Int) throws(Failure) -> UInt16 {
        let lower = text.lowercased()
        let isHex = lower.hasPrefix("0x")
        let digits = isHex ? String(lower.dropFirst(2)) : lower
        if !digits.hasPrefix("+"), !(isHex && digits.hasPrefix("-")),
            let number = Int(digits, radix: isHex ? 16 : 10)
        {
            if let word = UInt16(exactly: number) { return word }
            if let word = Int16(exactly: number) { return UInt16(bitPattern: word) }
            let parts =
                number > 0 && number <= 0xFFFF_FFFF
                ? ": as two words it is \(hex(number >> 16)) \(hex(number & 0xFFFF))" : ""
            throw Failure(
                reason: "word \(place), \(quoted(text)), does not fit 16 bits (-32768 to 65535)"
                    + parts)
        }
        let meant =
            (1...4).contains(lower.utf8.count) && UInt16(lower, radix: 16) != nil
            ? "; did you mean 0x\(text)?" : ""
        throw Failure(
            reason: "word \(place), \(quoted(text)), is no number such as 0x4366, 17254 or -2"
                + meant)
    }

    /// `0x43A6`.
    static func hex(_ number: Int) -> String {
        let digits = String(number, radix: 16, uppercase: true)
        return "0x" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// What was typed, without what could upset a terminal.
    private static func quoted(_ text: String) -> String {
        "\"\(DeviceText.printable(Array(text.utf8.prefix(40))))\""
    }
}
