// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

// Sealing as the writer does it: room, one transaction, the mark, and what becomes of a batch of which
// nobody knows whether it was stored.

extension Store {
    /// What was answered as not stored while nobody knew whether it was: its records will come
    /// again, so that it is taken back should it turn up.
    struct Doubt {
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
            if let tried { doubt = Doubt(sealing: tried, losses: losses) }
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
        try prepareLog(
            for: retention.pages(sealing.payload.count) + Self.pages(ofRemovals: gone))
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
        holding.add(sealing, at: time)
        holding.tombstones += gone
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

    func insert(_ row: LostRow) throws(BufferError) {
        try database.insert(row)
        merging.add(at: row.from)
    }
}
