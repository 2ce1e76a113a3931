// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// The columns of a row, read from the bytes of its record (sqlite.org/fileformat2.html, §2.1).
struct StoredRecord {
    enum Column {
        case null
        case integer(Int64)
        case text(ArraySlice<UInt8>)
        case blob(ArraySlice<UInt8>)
        /// A fraction, which no table of ours has.
        case other
    }
    let columns: [Column]

    /// `nil` for bytes that are no record.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard let types = Self.types(of: bytes, size: bytes.count) else { return nil }
        let content = PageBytes(bytes)
        var place = types.header
        var columns: [Column] = []
        for type in types.types {
            guard let size = Self.size(of: type), let field = content.slice(place, size) else {
                return nil
            }
            place += size
            columns.append(Self.column(type, field))
        }
        self.columns = columns
    }

    func integer(_ index: Int) -> Int64? {
        if case .integer(let value) = columns[index] { value } else { nil }
    }

    func text(_ index: Int) -> String? {
        guard case .text(let bytes) = columns[index] else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// One column of a record that begins with `bytes`; `nil` unless it is an integer in them.
    static func integer(_ index: Int, of bytes: ArraySlice<UInt8>) -> Int64? {
        var place = 0
        let content = PageBytes(bytes)
        guard let header = content.varint(at: &place).flatMap(Int.init(exactly:)),
            header <= maxHeader
        else { return nil }
        var field = header
        for _ in 0..<index {
            guard let size = content.varint(at: &place).flatMap(size), size <= bytes.count else {
                return nil
            }
            field += size
        }
        guard let type = content.varint(at: &place), isInteger(type), let size = size(of: type),
            let value = content.slice(field, size), case .integer(let integer) = column(type, value)
        else { return nil }
        return integer
    }

    /// The types of the columns of a record of `size` bytes that begins with `bytes`, and where
    /// their values begin; `nil` unless they make up that size.
    static func types(
        of bytes: ArraySlice<UInt8>, size: Int
    ) -> (types: [Int64], header: Int)? {
        let bytes = PageBytes(bytes)
        var place = 0
        guard let header = bytes.varint(at: &place).flatMap(Int.init(exactly:)),
            header >= place, header <= min(size, maxHeader)
        else { return nil }
        var types: [Int64] = []
        var rest = size - header
        while place < header {
            guard let type = bytes.varint(at: &place), let taken = Self.size(of: type),
                taken <= rest
            else { return nil }
            rest -= taken
            types.append(type)
        }
        return place == header && rest == 0 ? (types, header) : nil
    }

    /// A row of ours has 14 columns, and one long one.
    private static let maxHeader = 32

    private static func size(of type: Int64) -> Int? {
        switch type {
        case 0, 8, 9: 0
        case 1...4: Int(type)
        case 5: 6
        case 6, 7: 8
        case 12...: Int(exactly: (type - 12) / 2)
        default: nil
        }
    }

    private static func column(_ type: Int64, _ bytes: ArraySlice<UInt8>) -> Column {
        switch type {
        case 0: .null
        case 1...6:
            .integer(
                bytes.reduce(Int64(truncatingIfNeeded: Int8(bitPattern: bytes.first ?? 0)) >> 7) {
                    $0 << 8 | Int64($1)
                })
        case 8, 9: .integer(type - 8)
        case 12...: type % 2 == 0 ? .blob(bytes) : .text(bytes)
        default: .other
        }
    }

    static func isInteger(_ type: Int64) -> Bool {
        (1...6).contains(type) || type == 8 || type == 9
    }
}
