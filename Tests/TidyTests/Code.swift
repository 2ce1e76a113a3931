// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Swift text with its comments and the insides of its string literals left out, line for line, so
/// that a rule about code does not trip over prose.
///
/// Good enough for a formatted file: what an interpolation holds counts as string.
func codeLines(of text: String) -> [String] {
    var scanner = Scanner(bytes: Array(text.utf8))
    while scanner.step() {}
    return scanner.kept.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
}

private struct Scanner {
    private enum State: Equatable {
        case code, lineComment
        case comment(depth: Int)
        case text(closing: [UInt8])
    }

    let bytes: [UInt8]
    var kept: [UInt8] = []
    private var position = 0
    private var state = State.code

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Takes the next thing of the text; false at its end. Every newline is kept.
    mutating func step() -> Bool {
        guard position < bytes.count else { return false }
        if bytes[position] == UInt8(ascii: "\n") {
            kept.append(bytes[position])
            position += 1
            if state == .lineComment { state = .code }
            return true
        }
        switch state {
        case .code: stepThroughCode()
        case .lineComment: position += 1
        case .comment(let depth): stepThroughComment(depth: depth)
        case .text(let closing): stepThroughText(closing: closing)
        }
        return true
    }

    private mutating func stepThroughCode() {
        let byte = bytes[position]
        guard byte == UInt8(ascii: "/") || byte == UInt8(ascii: "#") || byte == UInt8(ascii: "\"")
        else {
            kept.append(byte)
            position += 1
            return
        }
        if take("//") {
            state = .lineComment
        } else if take("/*") {
            state = .comment(depth: 1)
        } else if let (opening, hashes) = stringOpening() {
            kept += opening
            position += opening.count
            let quotes = opening.drop { $0 == UInt8(ascii: "#") }
            state = .text(closing: quotes + Array(repeating: UInt8(ascii: "#"), count: hashes))
        } else {
            kept.append(byte)
            position += 1
        }
    }

    private mutating func stepThroughComment(depth: Int) {
        if take("/*") {
            state = .comment(depth: depth + 1)
        } else if take("*/") {
            state = depth == 1 ? .code : .comment(depth: depth - 1)
        } else {
            position += 1
        }
    }

    private mutating func stepThroughText(closing: [UInt8]) {
        if bytes[position] == closing[0], bytes[position...].starts(with: closing) {
            kept += closing
            position += closing.count
            state = .code
        } else {
            let isEscape =
                closing.last == UInt8(ascii: "\"") && bytes[position] == UInt8(ascii: "\\")
            position += isEscape ? 2 : 1
        }
    }

    /// `"`, `"""` or either behind hashes, if one opens here.
    private func stringOpening() -> (opening: [UInt8], hashes: Int)? {
        let hashes = bytes[position...].prefix { $0 == UInt8(ascii: "#") }.count
        let quotes = bytes[(position + hashes)...].prefix { $0 == UInt8(ascii: "\"") }.count
        guard quotes > 0 else { return nil }
        let length = hashes + (quotes >= 3 ? 3 : 1)
        return (Array(bytes[position..<position + length]), hashes)
    }

    private mutating func take(_ token: StaticString) -> Bool {
        let isHere = token.withUTF8Buffer { bytes[position...].starts(with: $0) }
        if isHere { position += token.utf8CodeUnitCount }
        return isHere
    }
}
