// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CSQLite

/// One connection to SQLite, for one thread. No pointer and no C type leaves this file but for
/// `Statement`; what result codes mean is in `StorageError`.
final class Database {
    private let handle: OpaquePointer
    private var statements: [String: Statement] = [:]
    /// Pages in the write-ahead log after the last commit.
    private let logPages = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
    private let interruption = Interruption()

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
                    FileURI.of(path) + "?immutable=1", &opened, common | SQLITE_OPEN_READONLY, nil)
            }
        guard code == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            throw .storage(code: code, operation: "open")
        }
        handle = opened
        logPages.initialize(to: 0)
        sqlite3_busy_timeout(handle, Self.busyMilliseconds)
        leaveLog()
        if mode == .write {
            // Where it may not write, SQLite opens for reading and does not say so.
            guard sqlite3_db_readonly(handle, "main") == 0 else {
                throw .storage(code: SQLITE_READONLY, operation: "open")
            }
            watchLog()
        } else {
            try execute("PRAGMA query_only = ON")
        }
        try execute(
            """
            PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;
            PRAGMA cache_size = -\(Self.cacheKibibytes)
            """)
    }

    /// Keeps count of the log's pages; taking this hook also turns automatic checkpoints off.
    private func watchLog() {
        sqlite3_wal_hook(
            handle,
            { context, _, _, pages in
                context?.assumingMemoryBound(to: Int32.self).pointee = pages
                return SQLITE_OK
            }, logPages)
    }

    deinit {
        // Statements come first; a connection with one of them left would stay open until it goes.
        statements = [:]
        sqlite3_close_v2(handle)
        logPages.deallocate()
    }

    /// How long a connection waits for another, which recovers the log.
    private static let busyMilliseconds: Int32 = 5_000
    /// How long a checkpoint that wants the log to itself waits for readers: they copy a page's worth
    /// out of it in less.
    private static let checkpointMilliseconds: Int32 = 100
}

// MARK: Statements

extension Database {
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
        defer { statement.rewind() }
        statement.bind(bindings)
        while true {
            switch statement.step() {
            case SQLITE_ROW: guard try visit(statement.row) else { return }
            case SQLITE_DONE: return
            default: throw failure(sql)
            }
        }
    }

    private func prepared(_ sql: String) throws(BufferError) -> Statement {
        if let statement = statements[sql] { return statement }
        guard let statement = Statement(sql, on: handle) else { throw failure(sql) }
        statements[sql] = statement
        return statement
    }

    private func failure(_ operation: String) -> BufferError {
        .failure(
            code: sqlite3_extended_errcode(handle), errno: sqlite3_system_errno(handle), operation)
    }
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
        // Whoever seals waits as long: a reader that stays longer only lets the log grow.
        sqlite3_busy_timeout(handle, Self.checkpointMilliseconds)
        defer { sqlite3_busy_timeout(handle, Self.busyMilliseconds) }
        var log: Int32 = 0
        var done: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(handle, nil, mode, &log, &done)
        // Busy is no failure: a reader holds on to the log, and the next checkpoint goes on.
        guard code == SQLITE_OK || code & 0xff == SQLITE_BUSY else { throw failure("checkpoint") }
        let isWhole = code == SQLITE_OK && log == done
        if isWhole { logPages.pointee = 0 }
        return isWhole
    }

    /// Reads from the disk what is read next, and not from memory.
    func forget() throws(BufferError) { try execute("PRAGMA shrink_memory") }

    /// Leaves the log as it is when the connection is closed, even if it is the last one: so does
    /// each that nobody has said otherwise of.
    func leaveLog() { _ = millpond_checkpoint_on_close(handle, 0) }

    /// Works the log off when the connection is closed, and removes it: once what the log has made
    /// of the database is believed.
    func ownLog() { _ = millpond_checkpoint_on_close(handle, 1) }

    /// Whether `interrupt(after:)` is still to strike.
    var isToBeInterrupted: Bool { interruption.isPending }

    /// For tests of durability: makes SQLite give up after that many of its instructions, once,
    /// in whatever it does then; 0 calls it off. Whether the one before was still to come.
    func interrupt(after steps: Int) -> Bool { interruption.strike(after: steps, on: handle) }
}
