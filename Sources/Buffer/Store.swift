// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// The writer: it alone changes the database, on one thread, and it alone checkpoints.
///
/// Two connections that write or checkpoint at once can lose committed pages in SQLite before
/// 3.51.3 (sqlite.org/wal.html, "The WAL-Reset Bug"); one cannot.
final class Store {
    let database: Database
    let settings: BatchBuffer.Settings
    let boot: String
    let stream: Stream
    let retention: Retention
    /// Held until the database is closed.
    private let lock: DirectoryLock
    private(set) var newest: Int64
    private var totals: Totals
    private var time: RunningTime
    var tombstones: Int

    /// Sums over all batches since the epoch began.
    private struct Totals {
        var records: Int64 = 0
        var readings: Int64 = 0
        var bytes: Int64 = 0
    }

    /// Chosen by measurement, bytes written per reading at 5,000 readings a batch, all counted, first
    /// filling and then as a ring: 512: 3.8 and 4.2, 1024: 4.1 and 4.5, 2048: 4.7 and 5.6, 4096: 5.9
    /// and 7.1. At 500 readings a batch 1024 writes 15 % more than 512.
    static let pageSize = 512
    /// The log is worked off when it has grown so far. With four times as much a ring writes 10 %
    /// less, but one damaged frame of the log costs every commit after it.
    static let logTarget = 1 << 20
    /// When a reader keeps the log from beginning anew, the writer waits for it at this size.
    static let logLimit = 4 << 20

    init(_ settings: BatchBuffer.Settings, boot: String) throws(BufferError) {
        let directory = BufferDirectory(path: settings.directory)
        try directory.create()
        _ = try directory.check()
        lock = try directory.lock()
        let (database, epoch) = try Schema.open(directory, pageSize: Self.pageSize)
        self.database = database
        self.settings = settings
        self.boot = boot
        stream = try Stream(database: database, epoch: epoch)
        retention = Retention(
            limit: settings.limit, pageSize: try database.pragma("page_size"),
            keepAcknowledged: settings.keepAcknowledged)
        newest = try stream.newest()
        let row = try stream.newestBatch()
        totals =
            row.map {
                Totals(records: $0.totalRecords, readings: $0.totalReadings, bytes: $0.totalBytes)
            } ?? Totals()
        time = RunningTime(row?.elapsed ?? .zero, at: try Self.head(of: row, in: stream))
        tombstones = try database.first("SELECT count(*) FROM lost") { $0.count(0) } ?? 0
        try database.execute("PRAGMA max_page_count = \(retention.maxPages)")
        try database.checkpoint(.truncate)
    }

    /// What the newest batch says of itself; `nil` if there is none, or it is damaged.
    private static func head(
        of newest: Stream.Row?, in stream: Stream
    ) throws(BufferError) -> BatchHead? {
        guard let newest, case .success(let payload) = try Reader.payload(of: newest, in: stream)
        else { return nil }
        // Whoever reads it will be told; here it only tells no time.
        return try? BatchCodec.decode(payload).0
    }

    /// Works the log off and leaves one clean file behind.
    func close() throws(BufferError) {
        try database.checkpoint(.truncate)
    }
}

// MARK: Sealing

extension Store {
    func seal(
        _ records: Records, sealed: Timestamp, monotonic: ClosedRange<Uptime>?, clock: ClockState,
        losses: [Loss]
    ) throws(BufferError) -> BatchHead {
        guard records.count <= BatchCodec.maxRecords else { throw .tooBig }
        let sealing = try Sealing(
            records,
            head: BatchHead(
                cursor: stream.cursor(newest + Int64(losses.count) + 1),
                gateway: settings.gateway, site: settings.site, sealed: sealed,
                records: records.count, clock: clock, boot: boot, monotonic: monotonic, sha256: ""))
        guard retention.fits(sealing.payload.count) else { throw .tooBig }
        var time = time
        if let monotonic { time.advance(to: monotonic.upperBound, of: boot) }
        try tidy()
        let removals = try makeRoom(for: sealing.payload.count, at: time.elapsed)
        do throws(BufferError) {
            try database.transaction { () throws(BufferError) in
                try remove(removals)
                try insert(losses)
                try insert(sealing, at: time.elapsed)
            }
        } catch {
            // A commit that fails may have been done all the same; the file knows.
            guard try stream.payload(sealing.head.cursor.sequence) == sealing.payload else {
                throw error
            }
        }
        tombstones += losses.count + removals.count
        newest = sealing.head.cursor.sequence
        totals.records += Int64(sealing.head.records)
        totals.readings += Int64(sealing.readings)
        totals.bytes += Int64(sealing.payload.count)
        self.time = time
        return sealing.head
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

    private func insert(_ sealing: Sealing, at elapsed: Duration) throws(BufferError) {
        try database.run(
            "INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            .integer(sealing.head.cursor.sequence),
            .integer(sealing.head.sealed.milliseconds),
            .integer(sealing.first.milliseconds),
            .integer(sealing.last.milliseconds),
            .integer(Int64(sealing.head.records)),
            .integer(Int64(sealing.readings)),
            .integer(Int64(sealing.lines)),
            .integer(totals.records + Int64(sealing.head.records)),
            .integer(totals.readings + Int64(sealing.readings)),
            .integer(totals.bytes + Int64(sealing.payload.count)),
            .blob(sealing.payload),
            .integer(Int64(sealing.transitions)),
            .integer(elapsed.milliseconds),
            .integer(sealing.gathered.milliseconds))
    }

    func insert(_ row: LostRow) throws(BufferError) {
        try database.run(
            "INSERT INTO lost VALUES (?, ?, ?, ?, ?, ?)", .integer(row.from), .integer(row.to),
            .integer(Int64(row.records)), .integer(row.first.milliseconds),
            .integer(row.last.milliseconds), .text(row.reason.rawValue))
    }
}
