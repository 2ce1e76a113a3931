// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What libyaml had to say of a text that is not YAML.
struct SyntaxFailure {
    var problem: String
    /// What it was reading, such as "while parsing a flow sequence", and where that began.
    var context: (text: String, place: Place)?
    /// `nil` where libyaml knows only the byte: the text is not UTF-8 or not a text at all.
    var place: Place?
    /// The byte at which reading failed, if `place` is `nil`.
    var offset: Int

    /// The same for the person who wrote the text, with the usual cause where it shows.
    func explained(
        in text: UnsafeBufferPointer<UInt8>
    ) -> (place: Place, message: String, suggestion: String?) {
        guard let place else {
            let offset = firstByte(in: text)
            let byte = offset < text.count ? text[offset] : 0
            let digits = String(byte, radix: 16, uppercase: true)
            let code = "0x" + String(repeating: "0", count: 2 - digits.count) + digits
            let reason =
                problem.contains("control") ? "is not a character of a text" : "is not UTF-8"
            return (Self.place(of: offset, in: text), "the byte \(code) \(reason)", nil)
        }
        let line = Self.line(place.line, of: text)
        let rest = line.dropFirst(place.column - 1)
        if rest.first == "\t" || line.prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") {
            return (place, "a tab cannot indent here; use spaces", nil)
        }
        if problem.contains("cannot start any token"), let first = rest.first {
            let word = rest.prefix { !" ,}]\n".contains($0) }
            return (
                place, "a value that begins with \(first) must be quoted", "'\(word)'"
            )
        }
        if line.contains("[::") || line.contains(": [") && line.contains("]:") {
            return (place, "not valid YAML: an IPv6 address in brackets must be quoted", nil)
        }
        guard let context else { return (place, "not valid YAML: \(problem)", nil) }
        if problem.contains("expected ':'") {
            return (context.place, "there is no \":\" after the key", nil)
        }
        let begun = context.place.line < place.line ? " begun in line \(context.place.line)" : ""
        return (place, "not valid YAML: \(problem) \(context.text)\(begun)", nil)
    }

    /// Of the character that could not be read: libyaml may point at a later byte of it.
    private func firstByte(in text: UnsafeBufferPointer<UInt8>) -> Int {
        guard problem.contains("trailing"), offset < text.count else { return offset }
        return text.prefix(offset).lastIndex { $0 >= 0xC0 } ?? offset
    }

    private static func place(of offset: Int, in text: UnsafeBufferPointer<UInt8>) -> Place {
        var line = 1
        var column = 1
        for byte in text.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return Place(line: line, column: column)
    }

    private static func line(_ number: Int, of text: UnsafeBufferPointer<UInt8>) -> Substring {
        let lines = text.split(
            separator: UInt8(ascii: "\n"), maxSplits: number, omittingEmptySubsequences: false)
        guard number <= lines.count else { return "" }
        return Substring(String(decoding: lines[number - 1], as: UTF8.self))
    }
}
