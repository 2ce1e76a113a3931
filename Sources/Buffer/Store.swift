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
    private(set) var lastHead: BatchHead?
    let space: Space
    /// Pages that SQLite lets the database have: its quota, or what it has where that is more.
    var maxPages = 0
    /// Whether `chore` is about to be done already.
    var isTended = false
    /// Told what happens to the buffer itself.
    let tell: (BufferEvent) -> Void
    /// Held until the database is closed.
    private let lock: DirectoryLock
    let mark: MarkFile
    /// `nil` after a failure, until it could be opened anew.
    var held: Holding?
    /// The newest cursor, also while no database is open.
    private(set) var reached: Cursor
    /// Who reads, so that they are known in a new epoch even if their table is not.
    var consumers: Set<String> = []
    private var doubt: Doubt?
    /// How the disk has failed (SQLite's result code), until the database is open again.
    var failure: Int32?
    /// What is being brought back from quarantine; `nil` before it has begun.
    var salvage: Salvage?
    /// Whether writing the mark failed last time.
    private var isMarkStale = false

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
        try Opening.check(directory, MarkFile(directory))
        lock = try directory.lock()
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
        var opening = Opening(directory, mark)
        let holding = try opening.open()
        reached = holding.stream.cursor(holding.newest)
        try take(holding, opening.events)
    }

    /// Goes on with a database that was opened.
    func take(_ holding: Holding, _ events: [BufferEvent]) throws(BufferError) {
        retention = Retention(
            limit: settings.limit, pageSize: try holding.database.pragma("page_size"),
            keepAcknowledged: settings.keepAcknowledged)
        // A crash can come between the last that was brought back and this.
        if holding.owed == 0 { _ = try Quarantine.tidy(directory) }
        salvage = nil
        held = holding
        reached = holding.stream.cursor(holding.newest)
        maxPages = 0
        space.opened()
        try look()
        events.forEach(tell)
        try mendConsumers()
        consumers = Set(try holding.stream.consumerNames())
    }

    /// Works the log off and leaves one clean file behind.
    func close() throws(BufferError) {
        guard held != nil else { return }
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

// MARK: Sealing

extension Store {
    /// What was answered as not stored while nobody knew whether it was: its records will come
    /// again, so that it is taken back should it turn up.
    private struct Doubt {
        let sealing: Sealing
        let losses: [Loss]
    }

    func seal(
        _ records: Records, sealed: Timestamp, monotonic: ClosedRange<Uptime>?, clock: ClockState,
        losses: [Loss]
    ) throws(BufferError) -> BatchHead {
        guard records.count <= BatchCodec.maxRecords else { throw .tooBig }
        var tried: Sealing?
        do throws(BufferError) {
            return try steadily { () throws(BufferError) in
                if let tried, try isStored(tried) { return tried.head }
                try resolveDoubt()
                var sealing = try Sealing(
                    records,
                    head: BatchHead(
                        cursor: stream.cursor(newest + Int64(losses.count) + 1),
                        gateway: settings.gateway, site: settings.site, sealed: sealed,
                        records: records.count, clock: clock, boot: boot, monotonic: monotonic,
                        sha256: ""))
                let bytes = sealing.payload.count
                guard retention.fits(bytes, into: retention.maxPages) else { throw .tooBig }
                var time = holding.time
                if let monotonic { time.advance(to: monotonic.upperBound, of: boot) }
                lastHead = sealing.head
                try insisting { () throws(BufferError) in
                    let removals = try makeRoom(for: bytes, at: time.elapsed)
                    let cursor = stream.cursor(newest + Int64(losses.count) + 1)
                    if cursor != sealing.head.cursor {
                        // What was condensed has taken the sequence.
                        sealing = try sealing.moved(to: cursor, records)
                    }
                    tried = sealing
                    try commit(sealing, losses, removals, at: time)
                }
                return sealing.head
            }
        } catch {
            if let tried, error.isDiskFailure { doubt = Doubt(sealing: tried, losses: losses) }
            throw error
        }
    }

    private func commit(
        _ sealing: Sealing, _ losses: [Loss], _ removals: [Retention.Removal],
        at time: RunningTime
    ) throws(BufferError) {
        let produced = losses.reduce(sealing.produced) { $0 + $1.records }
        let gone = losses.count + removals.count
        try commit(sealing, produced: produced, gone: gone, at: time) { () throws(BufferError) in
            try remove(removals)
            try insert(losses)
        }
    }

    /// Commits a batch with what goes for it, which `changes` says: with it `produced` records
    /// come, and `gone` rows of what is lost.
    func commit(
        _ sealing: Sealing, produced: Int, gone: Int, at time: RunningTime,
        with changes: () throws(BufferError) -> Void
    ) throws(BufferError) {
        try prepareLog(for: retention.pages(sealing.payload.count))
        var next = holding
        next.add(sealing, at: time)
        next.tombstones += gone
        var tally = Tally()
        do throws(BufferError) {
            try database.transaction { () throws(BufferError) in
                try changes()
                try database.insert(sealing, after: holding.totals, at: time.elapsed)
                try count(produced)
                tally = try stream.tally() ?? tally
            }
        } catch  where !error.isDiskFailure {
            // A commit that fails may have been done all the same; the file knows.
            guard try isStored(sealing) else { throw error }
        }
        holding = next
        writeMark(tally)
    }

    /// Before anybody is told of the batch: the mark is never more than one commit behind. Without
    /// it the batch is on disk all the same.
    func writeMark(_ tally: Tally) {
        reached = stream.cursor(newest)
        let code = mark.write(holding.mark(tally))
        if code != 0, !isMarkStale { tell(.markNotWritten(errno: code)) }
        isMarkStale = code != 0
    }

    private func isStored(_ sealing: Sealing) throws(BufferError) -> Bool {
        let cursor = sealing.head.cursor
        guard cursor.epoch == stream.epoch else { return false }
        return try stream.payload(cursor.sequence) == sealing.payload
    }

    /// Takes back what was answered as not stored, and is: its sequence stays used, for no records.
    private func resolveDoubt() throws(BufferError) {
        guard let doubt else { return }
        if try isStored(doubt.sealing) {
            let head = doubt.sealing.head
            let count = doubt.losses.reduce(doubt.sealing.produced) { $0 + $1.records }
            let row = LostRow(
                from: head.cursor.sequence, to: head.cursor.sequence, records: 0,
                first: head.sealed, last: head.sealed, reason: .notStored)
            try database.transaction { () throws(BufferError) in
                try database.run("DELETE FROM batch WHERE seq = ?", .integer(row.from))
                try database.run(
                    "UPDATE lost SET records = 0 WHERE from_seq BETWEEN ? AND ?",
                    .integer(row.from - Int64(doubt.losses.count)), .integer(row.from - 1))
                try insert(row)
                try self.count(-count)
            }
            tombstones += 1
        }
        self.doubt = nil
    }

    /// Counts records that came.
    func count(_ produced: Int) throws(BufferError) {
        try database.run(
            "UPDATE tally SET produced = produced + ?", .integer(Int64(produced)))
    }

    private func insert(_ losses: [Loss]) throws(BufferError) {
        for (index, loss) in losses.enumerated() {
            let sequence = newest + Int64(index) + 1
            try insert(
                LostRow(
                    from: sequence, to: sequence, records: loss.records, first: loss.first,
                    last: loss.last, reason: loss.reason))
        }
    }

    func insert(_ row: LostRow) throws(BufferError) { try database.insert(row) }
}
