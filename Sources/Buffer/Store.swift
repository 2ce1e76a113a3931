// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// The writer: it alone changes the database, on one thread, and it alone checkpoints.
///
/// Two connections that write or checkpoint at once can lose committed pages in SQLite before
/// 3.51.3 (sqlite.org/wal.html, "The WAL-Reset Bug"); one cannot.
final class Store {
    let settings: BatchBuffer.Settings
    let boot: String
    let directory: BufferDirectory
    private(set) var retention: Retention
    let pressure: Pressure
    /// The head of the batch that is sealed or was last, by this process: what is condensed has the
    /// same time, clock and sender.
    var lastHead: BatchHead?
    let space: Space
    /// Pages that SQLite lets the database have: its quota, or what it has where that is more.
    var maxPages = 0
    /// How many batches are removed in one piece.
    var removed = Stride(50...800)
    /// How many pages are given back in one piece: few where SQLite has to look for each of them in
    /// a long list of free ones (measured: 1,024 of 30,000 to 75,000 take 2 to 19 ms of CPU).
    var givenBack = Stride(64...8_192)
    /// Told what happens to the buffer itself.
    let tell: (BufferEvent) -> Void
    let mark: MarkFile
    /// `nil` after a failure, until it could be opened anew.
    var held: Holding?
    /// The newest cursor, also while no database is open.
    var reached: Cursor
    /// Who reads, so that they are known in a new epoch even if their table is not.
    var consumers: Set<String> = []
    var doubt: Doubt?
    /// How the disk has failed (SQLite's result code), until the database is open again.
    var failure: Int32?
    /// What is being brought back from quarantine; `nil` before it has begun.
    var salvage: Salvage?
    var merging = LostMerging()
    /// Up to here only batches that pressure leaves where they stand are kept.
    var settled: Int64 = 0
    /// Whether writing the mark failed last time.
    var isMarkStale = false
    /// The file that is open, if it is.
    var file: FileIdentity?
    /// Held until the database is closed: what is declared last goes last. `nil` where the database
    /// was moved away, until what lies there now could be taken.
    var lock: DirectoryLock?

    /// Chosen by measurement, bytes written per reading at 5,000 readings a batch, all counted, first
    /// filling and then as a ring: 512: 3.8 and 4.2, 1024: 4.1 and 4.5, 2048: 4.7 and 5.6, 4096: 5.9
    /// and 7.1. At 500 readings a batch 1024 writes 15 % more than 512.
    static let pageSize = 512
    /// The log is worked off when it has grown so far. With four times as much a ring writes 10 %
    /// less, but one damaged frame of the log costs every commit after it.
    static let logTarget = 1 << 20
    /// When a reader keeps the log from beginning anew, the writer waits for it at this size.
    static let logLimit = 4 << 20

    init(
        _ settings: BatchBuffer.Settings, boot: String,
        tell: @escaping (BufferEvent) -> Void = { _ in }
    ) throws(BufferError) {
        let directory = BufferDirectory(path: settings.directory)
        try directory.create()
        try directory.checkFiles()
        try Opening.check(directory, MarkFile(directory))
        lock = try directory.lock()
        try directory.checkRights()
        space = try Space(directory, limit: settings.limit)
        mark = try MarkFile(directory)
        retention = Retention(
            limit: settings.limit, pageSize: Self.pageSize,
            keepAcknowledged: settings.keepAcknowledged)
        pressure = Pressure(settings.whenFull, limit: settings.limit)
        self.settings = settings
        self.boot = boot
        self.directory = directory
        self.tell = tell
        var opening = Opening(directory, mark, for: [])
        let holding = try opening.open()
        reached = holding.stream.cursor(holding.newest)
        try take(holding, opening.events)
    }

    /// Goes on with a database that was opened.
    func take(_ holding: Holding, _ events: [BufferEvent]) throws(BufferError) {
        retention = Retention(
            limit: settings.limit, pageSize: holding.stream.pageSize,
            keepAcknowledged: settings.keepAcknowledged)
        // A crash can come between the last that was brought back and this.
        if holding.owed == 0 { _ = try Quarantine.tidy(directory) }
        salvage = nil
        held = holding
        file = directory.databaseFile
        reached = holding.stream.cursor(holding.newest)
        maxPages = 0
        merging = LostMerging()
        settled = try holding.stream.pressed()
        space.opened(pageSize: holding.stream.pageSize)
        try look()
        events.forEach(tell)
        try mendConsumers()
        consumers = Set(try holding.stream.consumerNames())
    }

    /// Works the log off and leaves one clean file behind.
    func close() throws(BufferError) {
        guard held != nil else { return }
        defer { held = nil }
        // What was moved away is found out now, or by nobody.
        if isMoved { try steadily { () throws(BufferError) in } }
        try database.checkpoint(.truncate)
        _ = mark.write(holding.mark(try stream.tally() ?? Tally()))
    }
}

// MARK: The database

extension Store {
    var holding: Holding {
        get {
            guard let held else { preconditionFailure("whatever is done begins with `steadily`") }
            return held
        }
        set { held = newValue }
    }

    var database: Database { holding.database }
    var stream: Stream { holding.stream }
    var newest: Int64 { holding.newest }
    var tombstones: Int {
        get { holding.tombstones }
        set { holding.tombstones = newValue }
    }
}
