// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// Reads the stream on a connection of its own; what it reads is copied out before its snapshot
/// ends, so that a slow client never holds the log.
final class Reader {
    private(set) var stream: Stream
    /// Batches that did not check, or whose rows say otherwise, and the writer was not told of yet.
    private var suspects: [Cursor] = []
    /// Where the database is; `nil` if it is never replaced, and nobody can mend it.
    private let directory: BufferDirectory?
    /// The file that it reads.
    private var file: FileIdentity?

    init(_ directory: BufferDirectory) throws(BufferError) {
        self.directory = directory
        (file, stream) = try Self.open(directory)
    }

    init(stream: Stream) {
        self.stream = stream
        directory = nil
    }

    /// Of a file without bytes SQLite would take the log for a leftover, and remove it.
    private static func open(
        _ directory: BufferDirectory
    ) throws(BufferError) -> (FileIdentity, Stream) {
        guard let file = directory.databaseFile else { throw .absent }
        return (file, try Stream(database: Database(path: directory.database, mode: .read)))
    }

    /// Does `body` in the database of `epoch`, or in the one that has just taken its place: what is
    /// read is always of the epoch that the database itself tells. What looks damaged is opened and
    /// looked at again.
    func follow<Result>(
        _ epoch: Epoch, _ body: (Reader) throws(BufferError) -> Result
    ) throws(BufferError) -> Result {
        if let directory, stream.epoch != epoch || file != directory.databaseFile {
            (file, stream) = try Self.open(directory)
        }
        do throws(BufferError) { return try body(self) } catch  where error.isDatabaseDamage {
            guard let directory else { throw error }
            (file, stream) = try Self.open(directory)
            return try body(self)
        }
    }

    /// What follows `position`. It never tells as lost what the database does not: before a batch
    /// that does not check it ends, unless nobody can have the database say so.
    func page(
        after position: Position, limit: Int, maxBytes: Int
    ) throws(BufferError) -> Page {
        let found = try stream.database.snapshot { () throws(BufferError) in
            try collect(after: try stream.resolve(position), limit: limit, maxBytes: maxBytes)
        }
        var run = PageRun(epoch: stream.epoch, next: found.next)
        for piece in found.pieces {
            switch piece {
            case .lost(let row): run.append(row)
            case .batch(let row, let payload):
                switch read(row, payload) {
                case .success(let batch): run.append(batch)
                case .failure where directory == nil: run.append(row.asLost(.corruption))
                case .failure(.mismatch): throw .unreadable("row \(row.sequence)")
                case .failure: run.end(before: row.sequence)
                }
            }
        }
        run.flush()
        return Page(
            items: run.items, next: stream.cursor(run.next), more: run.next < found.newest)
    }

    /// One batch; `nil` if it is not there, or damaged.
    func batch(at cursor: Cursor) throws(BufferError) -> Batch? {
        guard cursor.epoch == stream.epoch else { throw .otherEpoch(resume: stream.cursor(0)) }
        return try stream.database.snapshot { () throws(BufferError) -> Batch? in
            guard let row = try stream.batch(cursor.sequence) else { return nil }
            return try? read(row, Self.payload(of: row, in: stream)).get()
        }
    }

    /// A batch that its bytes prove, whatever its row says.
    private func read(
        _ row: Stream.Row, _ payload: Result<[UInt8], Damage>
    ) -> Result<Batch, Damage> {
        let cursor = stream.cursor(row.sequence)
        let batch = Result { () throws(Damage) in try Batch(payload, at: cursor) }
        if directory != nil, (try? batch.get()).map({ row.agrees(with: $0.facts) }) != true {
            suspects.append(cursor)
        }
        return batch
    }

    /// A tree that has lost a row cannot be believed in anything: whoever can have the database
    /// replaced does so, and salvage finds what there is.
    private func disbelieve(_ what: String) throws(BufferError) {
        if directory != nil { throw .unreadable(what) }
    }

    /// What the writer has to look at, since this was asked last.
    func takeSuspects() -> [Cursor] {
        defer { suspects = [] }
        return suspects
    }

    /// The bytes of a batch, or why the database cannot read them.
    static func payload(
        of row: Stream.Row, in stream: Stream
    ) throws(BufferError) -> Result<[UInt8], Damage> {
        do throws(BufferError) {
            return .success(try stream.payload(row.sequence) ?? [])
        } catch {
            guard case .storage(let code, _) = error, error.isDamage else { throw error }
            return .failure(.unreadable(code))
        }
    }
}

// MARK: What is found within one snapshot

extension Reader {
    private enum Piece {
        case lost(LostRow)
        case batch(Stream.Row, Result<[UInt8], Damage>)
    }

    private struct Found {
        var pieces: [Piece] = []
        var next: Int64
        var newest: Int64
    }

    /// The batches that fit, and one at least, if there is any.
    private func rows(
        after start: Int64, limit: Int, maxBytes: Int
    ) throws(BufferError) -> [Stream.Row] {
        var rows: [Stream.Row] = []
        var bytes = 0
        try stream.batches(after: start, limit: limit) { (row) throws(BufferError) in
            let (sum, isTooMany) = bytes.addingReportingOverflow(row.lines)
            guard rows.isEmpty || sum <= maxBytes && !isTooMany else { return false }
            bytes = sum
            rows.append(row)
            return true
        }
        return rows
    }

    /// Batches, and what is lost between them, in the order of sequences.
    private func collect(
        after start: Int64, limit: Int, maxBytes: Int
    ) throws(BufferError) -> Found {
        var found = Found(next: start, newest: try stream.newest())
        let rows = try rows(after: start, limit: limit, maxBytes: maxBytes)
        // Without a batch to end with, whatever is lost up to the newest belongs to the page.
        let end = rows.last?.sequence ?? found.newest
        var losses: [LostRow] = []
        try stream.losses(after: start) { (row) throws(BufferError) in
            guard row.from <= end else { return false }
            losses.append(row)
            return true
        }
        var nextLoss = losses.startIndex
        func takeLosses(before sequence: Int64) {
            while nextLoss < losses.endIndex, losses[nextLoss].from < sequence {
                found.pieces.append(.lost(losses[nextLoss]))
                found.next = losses[nextLoss].to
                nextLoss += 1
            }
        }
        for row in rows {
            takeLosses(before: row.sequence)
            if row.sequence > found.next + 1 {
                try disbelieve("rows before \(row.sequence)")
                found.pieces.append(.lost(row.unaccounted(after: found.next)))
            }
            found.pieces.append(.batch(row, try Self.payload(of: row, in: stream)))
            found.next = row.sequence
        }
        takeLosses(before: found.newest + 1)
        return found
    }
}
