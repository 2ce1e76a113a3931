// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Bytes of an SQLite page or record that may hold anything: what is not there is `nil`, and
/// nothing traps. Places are counted from the first byte.
struct PageBytes {
    private let bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    var count: Int { bytes.count }

    func byte(at place: Int) -> UInt8? {
        guard place >= 0, place < bytes.count else { return nil }
        return bytes[bytes.startIndex + place]
    }

    /// An unsigned number of `size` bytes, at most 4, the highest first.
    func number(at place: Int, size: Int) -> Int? {
        guard let field = slice(place, size) else { return nil }
        return field.reduce(0) { $0 << 8 | Int($1) }
    }

    func slice(_ place: Int, _ size: Int) -> ArraySlice<UInt8>? {
        guard place >= 0, size >= 0, place <= bytes.count, size <= bytes.count - place else {
            return nil
        }
        return bytes[bytes.startIndex + place..<bytes.startIndex + place + size]
    }

    /// The variable-length integer at `place`, which moves behind it: seven bits a byte, the highest
    /// first, and eight in the ninth (sqlite.org/fileformat2.html, §1.6).
    func varint(at place: inout Int) -> Int64? {
        var value: UInt64 = 0
        for index in 0..<9 {
            guard let byte = byte(at: place) else { return nil }
            place += 1
            if index == 8 { return Int64(bitPattern: value << 8 | UInt64(byte)) }
            value = value << 7 | UInt64(byte & 127)
            if byte < 128 { return Int64(bitPattern: value) }
        }
        return nil
    }
}
