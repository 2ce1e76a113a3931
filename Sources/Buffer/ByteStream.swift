// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Appends numbers and texts to bytes.
struct ByteWriter {
    var bytes: [UInt8] = []

    /// LEB128: seven bits a byte, the lowest first, the high bit on all but the last.
    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest > 127 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func count(_ value: Int) { varint(UInt64(value)) }

    /// A signed number, small in size if near to zero (zigzag: 0, -1, 1, -2, …).
    mutating func signed(_ value: Int64) {
        varint(UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    mutating func text(_ text: String) {
        count(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }
}

/// Takes numbers and texts from bytes that may hold anything: it throws, and never traps.
struct ByteReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var remaining: Int { bytes.count - position }

    mutating func byte() throws(Damage) -> UInt8 {
        guard position < bytes.count else { throw .content }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func varint() throws(Damage) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            let byte = try byte()
            guard shift < 63 || byte < 2 else { throw .content }
            value |= UInt64(byte & 127) << UInt64(shift)
            if byte < 128 { return value }
        }
        throw .content
    }

    /// A count of things that take a byte each at least, or `upTo` if that is said.
    mutating func count(upTo limit: Int? = nil) throws(Damage) -> Int {
        let value = try varint()
        guard value <= UInt64(limit ?? remaining) else { throw .content }
        return Int(value)
    }

    mutating func signed() throws(Damage) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// The next `count` bytes.
    mutating func take(_ count: Int) throws(Damage) -> ArraySlice<UInt8> {
        guard count >= 0, count <= remaining else { throw .content }
        defer { position += count }
        return bytes[position..<position + count]
    }

    mutating func text() throws(Damage) -> String {
        try Self.text(take(count()))
    }

    static func text(_ bytes: some Sequence<UInt8>) throws(Damage) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .content }
        return text
    }
}
