// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// A batch made ready to be stored, and read back to prove it.
struct Sealing {
    let head: BatchHead
    let payload: [UInt8]
    let facts: BatchFacts
    /// Bytes as NDJSON, with the batch line.
    let lines: Int
    /// Records that the plant produced.
    var produced: Int { facts.records }

    /// `head` says all but the seal, which is computed here.
    init(_ records: Records, head: BatchHead) throws(BufferError) {
        try self.init(Columns(records), head: head)
    }

    /// `head` says all but the seal, which is computed here.
    init(_ columns: Columns, head: BatchHead) throws(BufferError) {
        try self.init(columns, head: head, Seal(columns))
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
        facts = BatchFacts(head, columns)
        lines = seal.length + BatchLine.bytes(of: head).count
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

extension Database {
    /// Writes one row of `batch`; `totals` are those before it, `elapsed` is the stream's own time.
    func insert(
        _ sealing: Sealing, after totals: Holding.Totals, at elapsed: Duration
    ) throws(BufferError) {
        try run(
            "INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            .integer(sealing.head.cursor.sequence),
            .integer(sealing.facts.sealed.milliseconds),
            .integer(sealing.facts.first.milliseconds),
            .integer(sealing.facts.last.milliseconds),
            .integer(Int64(sealing.produced)),
            .integer(Int64(sealing.facts.readings)),
            .integer(Int64(sealing.lines)),
            .integer(totals.records + Int64(sealing.produced)),
            .integer(totals.readings + Int64(sealing.facts.readings)),
            .integer(totals.bytes + Int64(sealing.payload.count)),
            .blob(sealing.payload),
            .integer(ifAny: sealing.facts.transitions),
            .integer(elapsed.milliseconds),
            .integer(sealing.facts.gathered.milliseconds))
    }
}
