// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CSQLite

/// A prepared statement of a `Database`, which alone uses it, and keeps it as long as itself.
final class Statement {
    private let statement: OpaquePointer

    /// `nil` if SQLite refuses it; the connection says why.
    init?(_ sql: String, on handle: OpaquePointer) {
        var prepared: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &prepared, nil) == SQLITE_OK, let prepared else {
            return nil
        }
        statement = prepared
    }

    deinit { sqlite3_finalize(statement) }

    func bind(_ bindings: [Database.Binding]) {
        for (index, binding) in bindings.enumerated() { bind(binding, at: Int32(index + 1)) }
    }

    private func bind(_ binding: Database.Binding, at index: Int32) {
        // A binding that fails leaves NULL behind, which nearly every column here refuses.
        switch binding {
        case .null: sqlite3_bind_null(statement, index)
        case .integer(let integer): sqlite3_bind_int64(statement, index, integer)
        case .text(let text):
            _ = millpond_bind_text(statement, index, text, Int32(text.utf8.count))
        case .blob(let bytes):
            _ = millpond_bind_blob(statement, index, bytes, Int32(bytes.count))
        }
    }

    /// SQLITE_ROW, SQLITE_DONE or an error.
    func step() -> Int32 { sqlite3_step(statement) }

    /// The row that `step` came to.
    var row: Database.Row { Database.Row(statement: statement) }

    /// Makes it ready to be used anew.
    func rewind() {
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
    }
}

extension Database {
    enum Binding {
        case null
        case integer(Int64)
        case text(String)
        case blob([UInt8])

        /// A number, or NULL.
        static func integer(ifAny number: Int?) -> Self {
            number.map { .integer(Int64($0)) } ?? .null
        }
    }

    /// A row of a result, to be read while it is visited.
    struct Row: ~Copyable {
        fileprivate let statement: OpaquePointer

        func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

        /// A sequence or a count, on which sums are built: what no buffer reaches has rotted.
        func quantity(_ column: Int32) throws(BufferError) -> Int64 {
            let value = integer(column)
            guard Self.quantities.contains(value) else { throw .unreadable("\(value)") }
            return value
        }

        /// Sequences and counts that can be: a thousand of them add up without an overflow.
        static var quantities: ClosedRange<Int64> { 0...1 << 53 }

        func count(_ column: Int32) -> Int { Int(sqlite3_column_int64(statement, column)) }

        /// `nil` if the column is NULL, as an aggregate of no rows is.
        func ifAny(_ column: Int32) -> Int64? {
            sqlite3_column_type(statement, column) == SQLITE_NULL ? nil : integer(column)
        }

        func text(_ column: Int32) -> String {
            sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
        }

        func blob(_ column: Int32) -> [UInt8] {
            let bytes = sqlite3_column_blob(statement, column)
            let count = Int(sqlite3_column_bytes(statement, column))
            return Array(UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count))
        }
    }
}
