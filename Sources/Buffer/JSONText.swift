// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// JSON written by hand: keys in the order given, numbers as short as they can be, no whitespace.
///
/// ```
/// var json = JSONText()
/// json.object { json in
///     json.member("type", "note")
///     json.member("unit", ifAny: signal.unit)
///     json.array("flags") { $0.element("stale") }
/// }
/// json.text
/// ```
package struct JSONText: Sendable {
    /// What is written so far, UTF-8.
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// What is written so far.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// An object that stands alone or as an element of an array.
    package mutating func object<E>(
        _ members: (inout JSONText) throws(E) -> Void
    ) throws(E) {
        separate()
        bytes.append(UInt8(ascii: "{"))
        try members(&self)
        bytes.append(UInt8(ascii: "}"))
    }

    /// An array that stands alone or as an element of another.
    package mutating func array<E>(
        _ elements: (inout JSONText) throws(E) -> Void
    ) throws(E) {
        separate()
        bytes.append(UInt8(ascii: "["))
        try elements(&self)
        bytes.append(UInt8(ascii: "]"))
    }

    /// A member that is an object.
    package mutating func object<E>(
        _ key: String, _ members: (inout JSONText) throws(E) -> Void
    ) throws(E) {
        self.key(key)
        try object(members)
    }

    /// A member that is an array.
    package mutating func array<E>(
        _ key: String, _ elements: (inout JSONText) throws(E) -> Void
    ) throws(E) {
        self.key(key)
        try array(elements)
    }

    /// A member; a `nil` is written as null.
    package mutating func member(_ key: String, _ value: some JSONWritable) {
        self.key(key)
        value.write(to: &self)
    }

    /// A member that is left out when there is no value.
    package mutating func member(_ key: String, ifAny value: (some JSONWritable)?) {
        guard let value else { return }
        member(key, value)
    }

    /// A member whose value is JSON already.
    package mutating func member(_ key: String, json: some Collection<UInt8>) {
        self.key(key)
        bytes.append(contentsOf: json)
    }

    /// An element of an array.
    package mutating func element(_ value: some JSONWritable) {
        separate()
        value.write(to: &self)
    }

    /// An element that is JSON already.
    package mutating func element(json: some Collection<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
    }

    /// Ends a line of NDJSON.
    package mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func key(_ key: String) {
        separate()
        write(key)
        bytes.append(UInt8(ascii: ":"))
    }

    /// A comma, unless something has just begun. Strings end in a quote, so the last byte tells.
    private mutating func separate() {
        switch bytes.last {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"), UInt8(ascii: "\n"):
            break
        default: bytes.append(UInt8(ascii: ","))
        }
    }
}

extension JSONText {
    /// Appends `text` quoted and escaped (RFC 8259, §7): only what must be.
    mutating func write(_ text: String) {
        Self.append(text, to: &bytes)
    }

    mutating func write(literal text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func writeNumber(_ writing: (UnsafeMutablePointer<UInt8>) -> Int) {
        NumberText.append(to: &bytes, writing)
    }

    /// Appends `text` to `bytes`, quoted and escaped.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        append(unquoted: text, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends a part of a text to `bytes`, escaped.
    static func append(unquoted text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { text in
            // Nearly all texts need no escape: then they are copied at once.
            if text.allSatisfy({
                $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
            }) {
                bytes.append(contentsOf: text)
            } else {
                append(escaping: text, to: &bytes)
            }
        }
    }

    private static func append(
        escaping text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]
    ) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x20...: bytes.append(byte)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
            case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
            default:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(contentsOf: Digest.hex([byte]).utf8)
            }
        }
    }
}
