// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CSQLite
internal import Glibc

/// One connection to SQLite, for one thread. No pointer and no C type leaves this file; what its
/// result codes mean is in `StorageError`, the only other importer of CSQLite.
final class Database {
    private let handle: OpaquePointer
    private var statements: [String: OpaquePointer] = [:]
    /// Pages in the write-ahead log after the last commit.
    private let logPages = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
    /// What is still to be counted down before `interrupt(after:)` strikes.
    private let countdown = UnsafeMutablePointer<Int>.allocate(capacity: 1)

    /// Pages kept in memory: a batch is read or written once, so that more than the tree's inner
    /// pages and one large batch would never be asked for again.
    private static let cacheKibibytes = 512

    enum Mode {
        /// Creates the file if need be.
        case write
        /// Beside a writer, or after one that left its log behind.
        case read
        /// The file alone, which nobody changes: no log, no lock, nothing written.
        case readFileAlone
    }

    init(path: String, mode: Mode) throws(BufferError) {
        var opened: OpaquePointer?
        let common = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE
        let code =
            switch mode {
            case .write:
                sqlite3_open_v2(
                    path, &opened, common | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil)
            case .read:
                sqlite3_open_v2(path, &opened, common | SQLITE_OPEN_READONLY, nil)
            case .readFileAlone:
                sqlite3_open_v2(
                    Self.uri(path) + "?immutable=1", &opened, common | SQLITE_OPEN_READONLY, nil)
            }
        guard code == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            throw .storage(code: code, operation: "open")
        }
        handle = opened
        logPages.initialize(to: 0)
        countdown.initialize(to: 0)
        sqlite3_busy_timeout(handle, Self.busyMilliseconds)
        if mode == .write {
            // Where it may not write, SQLite opens for reading and does not say so.
            guard sqlite3_db_readonly(handle, "main") == 0 else {
                throw .storage(code: SQLITE_READONLY, operation: "open")
            }
            // Taking this hook also turns automatic checkpoints off.
            sqlite3_wal_hook(
                handle,
                { context, _, _, pages in
                    context?.assumingMemoryBound(to: Int32.self).pointee = pages
                    return SQLITE_OK
                }, logPages)
        } else {
            _ = millpond_no_checkpoint_on_close(handle)
            try execute("PRAGMA query_only = ON")
        }
        try execute(
            """
            PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;
            PRAGMA cache_size = -\(Self.cacheKibibytes)
            """)
    }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
        logPages.deallocate()
        countdown.deallocate()
    }

    /// How long a connection waits for another: only a checkpoint that wants the log to itself
    /// ever waits, for readers that hold a page's worth of it.
    private static let busyMilliseconds: Int32 = 5_000

    private static func uri(_ path: String) -> String {
        var uri = "file:"
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "?"): uri += "%3f"
            case UInt8(ascii: "#"): uri += "%23"
            case UInt8(ascii: "%"): uri += "%25"
            default: uri.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return uri
    }
}

// MARK: Statements

extension Database {
    enum Binding {
        case integer(Int64)
        case text(String)
        case blob([UInt8])
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
        static let quantities = 0...Int64(1) << 53

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

    /// Runs statements that take and give nothing.
    func execute(_ sql: String) throws(BufferError) {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure(sql) }
    }

    /// Runs one statement that gives nothing.
    func run(_ sql: String, _ bindings: Binding...) throws(BufferError) {
        try run(sql, bindings)
    }

    /// Runs one statement that gives nothing.
    func run(_ sql: String, _ bindings: [Binding]) throws(BufferError) {
        try step(sql, bindings) { (_: borrowing Row) throws(BufferError) in true }
    }

    /// Visits the rows of a result until `visit` returns false.
    func rows(
        _ sql: String, _ bindings: Binding...,
        visit: (borrowing Row) throws(BufferError) -> Bool
    ) throws(BufferError) {
        try step(sql, bindings, visit)
    }

    /// The first row of a result, made into something; `nil` if there is none.
    func first<Result>(
        _ sql: String, _ bindings: Binding...,
        make: (borrowing Row) throws(BufferError) -> Result
    ) throws(BufferError) -> Result? {
        var result: Result?
        try step(sql, bindings) { (row: borrowing Row) throws(BufferError) in
            result = try make(row)
            return false
        }
        return result
    }

    /// A pragma's number.
    func pragma(_ name: String) throws(BufferError) -> Int {
        try first("PRAGMA \(name)") { $0.count(0) } ?? 0
    }

    private func step(
        _ sql: String, _ bindings: [Binding],
        _ visit: (borrowing Row) throws(BufferError) -> Bool
    ) throws(BufferError) {
        let statement = try prepared(sql)
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        for (index, binding) in bindings.enumerated() {
            bind(binding, at: Int32(index + 1), of: statement)
        }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: guard try visit(Row(statement: statement)) else { return }
            case SQLITE_DONE: return
            default: throw failure(sql)
            }
        }
    }

    private func bind(_ binding: Binding, at index: Int32, of statement: OpaquePointer) {
        // A binding that fails leaves NULL behind, which every column here refuses.
        switch binding {
        case .integer(let integer): sqlite3_bind_int64(statement, index, integer)
        case .text(let text):
            _ = millpond_bind_text(statement, index, text, Int32(text.utf8.count))
        case .blob(let bytes):
            _ = millpond_bind_blob(statement, index, bytes, Int32(bytes.count))
        }
    }

    private func prepared(_ sql: String) throws(BufferError) -> OpaquePointer {
        if let statement = statements[sql] { return statement }
        var prepared: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &prepared, nil) == SQLITE_OK, let prepared else {
            throw failure(sql)
        }
        statements[sql] = prepared
        return prepared
    }

    private func failure(_ operation: String) -> BufferError {
        let code = sqlite3_extended_errcode(handle)
        // A full disk has one name here. SQLite says FULL where a write finds none, and
        // IOERR where it is told so later (fsync) or where the log's index could not grow.
        let isFull =
            code == Self.indexFull
            || code & 0xff == SQLITE_IOERR
                && [ENOSPC, EDQUOT].contains(sqlite3_system_errno(handle))
        return .storage(code: isFull ? SQLITE_FULL : code, operation: operation)
    }

    /// SQLITE_IOERR_SHMSIZE, a macro that Swift does not import.
    private static let indexFull = SQLITE_IOERR | 19 << 8
}

// MARK: Transactions and the log

extension Database {
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Pages in the write-ahead log.
    var pagesInLog: Int { Int(logPages.pointee) }

    enum Checkpoint {
        /// What can be done without waiting for readers.
        case passive
        /// All of it, and begin the log anew.
        case restart
        /// All of it, and cut the log to nothing.
        case truncate
    }

    /// Moves pages from the log into the file; whether all of them are there now.
    @discardableResult
    func checkpoint(_ how: Checkpoint) throws(BufferError) -> Bool {
        let mode =
            switch how {
            case .passive: SQLITE_CHECKPOINT_PASSIVE
            case .restart: SQLITE_CHECKPOINT_RESTART
            case .truncate: SQLITE_CHECKPOINT_TRUNCATE
            }
        var log: Int32 = 0
        var done: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(handle, nil, mode, &log, &done)
        // Busy is no failure: a reader holds on to the log, and the next checkpoint goes on.
        guard code == SQLITE_OK || code & 0xff == SQLITE_BUSY else { throw failure("checkpoint") }
        let isWhole = code == SQLITE_OK && log == done
        if isWhole { logPages.pointee = 0 }
        return isWhole
    }

    /// Gives an open file its room on the disk, and leaves its length as it is; 0 or an errno.
    static func allocate(_ bytes: Int, to file: CInt) -> CInt {
        millpond_allocate(file, off_t(bytes)) == 0 ? 0 : errno
    }

    /// Gives a part of an open file back to the file system; where that cannot be done it stays.
    static func punch(_ range: Range<Int>, of file: CInt) {
        _ = millpond_punch_hole(file, off_t(range.lowerBound), off_t(range.count))
    }

    /// Leaves the log as it is when the connection is closed, even if it is the last one.
    func leaveLog() { _ = millpond_no_checkpoint_on_close(handle) }

    /// For tests of durability: makes SQLite give up after that many of its instructions, once,
    /// in whatever it does then; 0 calls it off. Whether the one before was still to come.
    func interrupt(after steps: Int) -> Bool {
        let isPending = countdown.pointee > 0
        countdown.pointee = steps
        sqlite3_progress_handler(
            handle, steps == 0 ? 0 : 1,
            { context in
                guard let left = context?.assumingMemoryBound(to: Int.self) else { return 0 }
                left.pointee -= 1
                return left.pointee == 0 ? 1 : 0
            }, countdown)
        return isPending
    }
}
