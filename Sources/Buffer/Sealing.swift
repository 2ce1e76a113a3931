// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// A batch made ready to be stored, and read back to prove it.
struct Sealing {
    let head: BatchHead
    let payload: [UInt8]
    /// Records that the plant produced, which the books count: all but summaries.
    let produced: Int
    let readings: Int
    /// Health records.
    let transitions: Int
    /// Bytes as NDJSON, with the batch line.
    let lines: Int
    /// The earliest and the latest time of its records; when it was sealed, if it has none.
    let first: Timestamp
    let last: Timestamp
    /// From its first record to the sealing; by the wall clock if the head has no better.
    let gathered: Duration

    /// `head` says all but the seal, which is computed here.
    init(_ records: Records, head: BatchHead) throws(BufferError) {
        try self.init(Columns(records), head: head)
    }

    /// `head` says all but the seal, which is computed here.
    init(_ columns: Columns, head: BatchHead) throws(BufferError) {
        let (digest, length) = RecordLines(columns, end: UInt8(ascii: "\n")).digest()
        try self.init(columns, head: head, Seal(digest: digest, length: length))
    }

    /// `seal` is that of just these columns.
    init(_ columns: Columns, head: BatchHead, _ seal: Seal) throws(BufferError) {
        var head = head
        head.sha256 = Digest.hex(seal.digest)
        guard let payload = BatchCodec.encode(head, digest: seal.digest, columns) else {
            throw .tooBig
        }
        self.head = head
        self.payload = payload
        produced = columns.producedCount
        readings = columns.readingCount
        transitions = columns.entries.count { $0.kind == .health }
        lines = seal.length + BatchLine.bytes(of: head).count
        let times = columns.runs.lazy.map(\.time)
        first = times.min().map(Timestamp.init(milliseconds:)) ?? head.sealed
        last = times.max().map(Timestamp.init(milliseconds:)) ?? head.sealed
        let span =
            head.monotonic.map { $0.upperBound.milliseconds - $0.lowerBound.milliseconds }
            ?? max(0, head.sealed.milliseconds &- first.milliseconds)
        gathered = .milliseconds(span)
        // What cannot be read back must not be promised: records must be told of while they exist.
        guard let (readHead, readColumns) = try? BatchCodec.decode(payload), readHead == head,
            readColumns == columns
        else { throw .tooBig }
    }

    /// The same at another place in the stream; `records` are its own.
    func moved(to cursor: Cursor, _ records: Records) throws(BufferError) -> Sealing {
        var head = head
        head.cursor = cursor
        return try Sealing(records, head: head)
    }
}

/// What a batch's record lines hash to, each with its newline.
struct Seal {
    var digest: [UInt8]
    /// Bytes of the lines.
    var length: Int
}

extension Database {
    /// Writes one row of `batch`; `totals` are those before it, `elapsed` is the stream's own time.
    func insert(
        _ sealing: Sealing, after totals: Holding.Totals, at elapsed: Duration
    ) throws(BufferError) {
        try run(
            "INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            .integer(sealing.head.cursor.sequence),
            .integer(sealing.head.sealed.milliseconds),
            .integer(sealing.first.milliseconds),
            .integer(sealing.last.milliseconds),
            .integer(Int64(sealing.produced)),
            .integer(Int64(sealing.readings)),
            .integer(Int64(sealing.lines)),
            .integer(totals.records + Int64(sealing.produced)),
            .integer(totals.readings + Int64(sealing.readings)),
            .integer(totals.bytes + Int64(sealing.payload.count)),
            .blob(sealing.payload),
            .integer(Int64(sealing.transitions)),
            .integer(elapsed.milliseconds),
            .integer(sealing.gathered.milliseconds))
    }
}
