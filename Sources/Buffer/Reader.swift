// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// Reads the stream on a connection of its own; what it reads is copied out before its snapshot
/// ends, so that a slow client never holds the log.
final class Reader {
    private(set) var stream: Stream
    /// Batches that were found damaged, and nobody was told of yet.
    private var damaged: [Cursor] = []
    /// Where the database is; `nil` if it is never replaced.
    private let directory: BufferDirectory?

    init(_ directory: BufferDirectory, epoch: Epoch) throws(BufferError) {
        self.directory = directory
        stream = try Self.open(directory, epoch)
    }

    init(stream: Stream) {
        self.stream = stream
        directory = nil
    }

    private static func open(
        _ directory: BufferDirectory, _ epoch: Epoch
    ) throws(BufferError) -> Stream {
        try Stream(database: Database(path: directory.database, mode: .read), epoch: epoch)
    }

    /// Does `body` in the database of `epoch`; what looks damaged is opened and looked at again.
    func follow<Result>(
        _ epoch: Epoch, _ body: (Reader) throws(BufferError) -> Result
    ) throws(BufferError) -> Result {
        if let directory, stream.epoch != epoch { stream = try Self.open(directory, epoch) }
        do throws(BufferError) { return try body(self) } catch  where error.isDatabaseDamage {
            guard let directory else { throw error }
            stream = try Self.open(directory, epoch)
            return try body(self)
        }
    }

    /// What follows `position`.
    func page(
        after position: Position, limit: Int, maxBytes: Int
    ) throws(BufferError) -> Page {
        let found = try stream.database.snapshot { () throws(BufferError) in
            try collect(after: try stream.resolve(position), limit: limit, maxBytes: maxBytes)
        }
        var items: [Page.Item] = []
        var lost: LostRow?
        func flush() {
            if let lost { items.append(.lost(lost.range(stream.epoch))) }
            lost = nil
        }
        for piece in found.pieces {
            let gone: LostRow
            switch piece {
            case .lost(let row): gone = row
            case .batch(let row, let payload):
                do throws(Damage) {
                    let batch = try Self.batch(row, payload, stream.epoch)
                    flush()
                    items.append(.batch(batch))
                    continue
                } catch {
                    if error == .mismatch { try disbelieve("row \(row.sequence)") }
                    damaged.append(stream.cursor(row.sequence))
                    gone = row.asLost(.corruption)
                }
            }
            if lost?.continues(with: gone) == true {
                lost?.append(gone)
            } else {
                flush()
                lost = gone
            }
        }
        flush()
        return Page(
            items: items, next: stream.cursor(found.next), more: found.next < found.newest)
    }

    /// One batch; `nil` if it is not there, or damaged.
    func batch(at cursor: Cursor) throws(BufferError) -> Batch? {
        guard cursor.epoch == stream.epoch else { throw .otherEpoch(resume: stream.cursor(0)) }
        return try stream.database.snapshot { () throws(BufferError) -> Batch? in
            guard let row = try stream.oldest(after: cursor.sequence - 1),
                row.sequence == cursor.sequence
            else { return nil }
            let payload = try Self.payload(of: row, in: stream)
            do throws(Damage) { return try Self.batch(row, payload, stream.epoch) } catch {
                damaged.append(cursor)
                return nil
            }
        }
    }

    /// A tree that has lost a row, or whose row contradicts its sound batch, cannot be believed in
    /// anything: whoever can have the database replaced does so, and salvage finds what there is.
    private func disbelieve(_ what: String) throws(BufferError) {
        if directory != nil { throw .unreadable(what) }
    }

    /// What was found damaged since this was asked last.
    func takeDamaged() -> [Cursor] {
        defer { damaged = [] }
        return damaged
    }

    /// Makes a batch of its bytes, if they are sound and say what the row says.
    static func batch(
        _ row: Stream.Row, _ payload: Result<[UInt8], Damage>, _ epoch: Epoch
    ) throws(Damage) -> Batch {
        let (head, columns) = try BatchCodec.decode(payload.get())
        guard head.cursor == Cursor(epoch: epoch, sequence: row.sequence),
            columns.producedCount == row.records, columns.readingCount == row.readings,
            head.sealed == row.sealed
        else { throw .mismatch }
        return Batch(head: head, columns: columns)
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

    /// Batches, and what is lost between them, in the order of sequences.
    private func collect(
        after start: Int64, limit: Int, maxBytes: Int
    ) throws(BufferError) -> Found {
        var found = Found(next: start, newest: try stream.newest())
        var rows: [Stream.Row] = []
        var bytes = 0
        try stream.batches(after: start, limit: limit) { (row) throws(BufferError) in
            bytes += row.lines
            guard rows.isEmpty || bytes <= maxBytes else { return false }
            rows.append(row)
            return true
        }
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
