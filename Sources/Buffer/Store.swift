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
    private var tombstones: Int

    /// Sums over all batches since the epoch began.
    private struct Totals {
        var records: Int64 = 0
        var readings: Int64 = 0
        var bytes: Int64 = 0
    }

    /// Measured at 5,000 readings a batch, bytes written per reading: 512: ?, 1024: ?.
    static let pageSize = 1_024
    /// The log is worked off when it has grown so far: longer, and pages that change every time
    /// are written less often; but a power cut makes the next start read it all.
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
        stream = Stream(database: database, epoch: epoch)
        retention = Retention(
            limit: settings.limit, pageSize: try database.pragma("page_size"),
            keepAcknowledged: settings.keepAcknowledged)
        newest = try stream.newest()
        totals =
            try stream.newestBatch().map {
                Totals(records: $0.totalRecords, readings: $0.totalReadings, bytes: $0.totalBytes)
            } ?? Totals()
        tombstones = try database.first("SELECT count(*) FROM lost") { $0.count(0) } ?? 0
        try database.execute("PRAGMA max_page_count = \(retention.maxPages)")
        try database.checkpoint(.truncate)
    }

    /// Works the log off and leaves one clean file behind.
    func close() throws(BufferError) {
        try database.checkpoint(.truncate)
    }
}

// MARK: Sealing

extension Store {
    func seal(
        _ records: [Record], sealed: Timestamp, clock: ClockState, losses: [Loss]
    ) throws(BufferError) -> BatchHead {
        guard records.count <= BatchCodec.maxRecords else { throw .tooBig }
        let sealing = try Sealing(
            records,
            head: BatchHead(
                cursor: stream.cursor(newest + Int64(losses.count) + 1),
                gateway: settings.gateway, site: settings.site, sealed: sealed,
                records: records.count, clock: clock, boot: boot, sha256: ""))
        guard retention.fits(sealing.payload.count) else { throw .tooBig }
        try tidy()
        let removals = try makeRoom(for: sealing.payload.count, at: sealed)
        do throws(BufferError) {
            try database.transaction { () throws(BufferError) in
                try remove(removals)
                try insert(losses)
                try insert(sealing)
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

    private func insert(_ sealing: Sealing) throws(BufferError) {
        try database.run(
            "INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
            .blob(sealing.payload))
    }

    private func insert(_ row: LostRow) throws(BufferError) {
        try database.run(
            "INSERT INTO lost VALUES (?, ?, ?, ?, ?, ?)", .integer(row.from), .integer(row.to),
            .integer(Int64(row.records)), .integer(row.first.milliseconds),
            .integer(row.last.milliseconds), .text(row.reason.rawValue))
    }
}

// MARK: Room

extension Store {
    /// Removes in steps of their own while a full step is not enough; returns the last step,
    /// which goes with the batch that needs the room.
    private func makeRoom(
        for bytes: Int, at now: Timestamp
    ) throws(BufferError) -> [Retention.Removal] {
        while true {
            var oldest: [Retention.Candidate] = []
            try stream.batches(after: 0, limit: Retention.step) { (row) throws(BufferError) in
                oldest.append(
                    Retention.Candidate(
                        sequence: row.sequence, sealed: row.sealed, bytes: row.bytes))
                return true
            }
            let removals = retention.removals(
                of: oldest, used: try usedPages(), for: bytes,
                acknowledged: try stream.acknowledgedByAll(), at: now)
            guard removals.count == Retention.step else { return removals }
            try database.transaction { () throws(BufferError) in try remove(removals) }
            tombstones += removals.count
            try checkpointIfDue()
        }
    }

    func usedPages() throws(BufferError) -> Int {
        try database.pragma("page_count") - database.pragma("freelist_count")
    }

    private func remove(_ removals: [Retention.Removal]) throws(BufferError) {
        for removal in removals {
            try database.run(
                """
                INSERT INTO lost SELECT seq, seq, records, first_ms, last_ms, ?
                FROM batch WHERE seq = ?
                """, .text(removal.reason.rawValue), .integer(removal.sequence))
            try database.run("DELETE FROM batch WHERE seq = ?", .integer(removal.sequence))
        }
    }

    /// Merges old tombstones, gives space back, works the log off: before a change and never after
    /// it, so that what has been committed is not reported as failed.
    func tidy() throws(BufferError) {
        let most = Retention.tombstones(limit: settings.limit)
        if tombstones > most + most / 4 { try mergeTombstones(most / 4) }
        try giveBack()
        try checkpointIfDue()
    }

    /// Makes the oldest `count` rows of what is lost into as few as their reasons allow.
    private func mergeTombstones(_ count: Int) throws(BufferError) {
        var rows: [LostRow] = []
        try stream.losses(after: 0) { (row) throws(BufferError) in
            rows.append(row)
            return rows.count < count
        }
        guard let last = rows.last else { return }
        var merged: [LostRow] = []
        for row in rows {
            if let open = merged.indices.last, merged[open].continues(with: row) {
                merged[open].append(row)
            } else {
                merged.append(row)
            }
        }
        try database.transaction { () throws(BufferError) in
            try database.run("DELETE FROM lost WHERE from_seq <= ?", .integer(last.from))
            for row in merged { try insert(row) }
        }
        tombstones -= rows.count - merged.count
    }

    /// Gives free pages back to the file system, some at a time, when there are many of them (an
    /// outage is over) or the limit was lowered.
    private func giveBack() throws(BufferError) {
        let pages = try database.pragma("page_count")
        let free = try database.pragma("freelist_count")
        let isTooLarge = pages > retention.maxPages
        guard free > (isTooLarge ? 0 : max(Self.freePages, pages / 4)) else { return }
        try database.execute("PRAGMA incremental_vacuum(\(Self.pagesGivenBack))")
        if isTooLarge { try database.execute("PRAGMA max_page_count = \(retention.maxPages)") }
    }

    /// Fewer are not worth moving pages about for.
    private static let freePages = 16_384
    /// Moves at most 1 MiB of pages, in milliseconds.
    private static let pagesGivenBack = 1_024

    func checkpointIfDue() throws(BufferError) {
        let bytes = database.pagesInLog * retention.pageSize
        guard bytes >= Self.logTarget else { return }
        try database.checkpoint(bytes >= Self.logLimit ? .restart : .passive)
    }
}
