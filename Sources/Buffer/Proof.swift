// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

// What makes a batch believed: its bytes, and never its row. A row that says otherwise has rotted.

extension Batch {
    /// Makes a batch of its bytes, if they check and are of this place in the stream.
    init(_ payload: Result<[UInt8], Damage>, at cursor: Cursor) throws(Damage) {
        let (head, columns) = try BatchCodec.decode(payload.get())
        guard head.cursor == cursor else { throw .mismatch }
        self.init(head: head, columns: columns)
    }

    /// What its row is to say of it.
    var facts: BatchFacts { BatchFacts(head, columns) }
}

/// A batch whose seal holds, too.
struct Proof {
    let batch: Batch
    let seal: Seal

    init(_ payload: Result<[UInt8], Damage>, at cursor: Cursor) throws(Damage) {
        try self.init(Batch(payload, at: cursor))
    }

    /// Throws `seal` unless its lines hash to what it says.
    init(_ batch: Batch) throws(Damage) {
        seal = Seal(batch.columns)
        guard Digest.hex(seal.digest) == batch.head.sha256 else { throw .seal }
        self.batch = batch
    }

    /// Bytes as NDJSON, with the batch line.
    var lines: Int { seal.length + BatchLine.bytes(of: batch.head).count }
}

/// What a batch's record lines hash to, each with its newline.
struct Seal {
    let digest: [UInt8]
    /// Bytes of the lines.
    let length: Int

    init(_ columns: Columns) {
        (digest, length) = RecordLines(columns, end: UInt8(ascii: "\n")).digest()
    }
}

/// What a batch's row says of it, counted from the batch.
struct BatchFacts: Equatable {
    let sealed: Timestamp
    /// The earliest and the latest time of its records; when it was sealed, if it has none.
    let first: Timestamp
    let last: Timestamp
    /// Records that the plant produced, which the books count: all but summaries.
    let records: Int
    let readings: Int
    /// Health records; `nil` where summaries, which nobody counts, are beside them: a batch of
    /// transitions alone is known by its row.
    let transitions: Int?
    /// From its first record to the sealing; by the wall clock if the head has no better.
    let gathered: Duration

    init(_ head: BatchHead, _ columns: Columns) {
        let times = columns.runs.lazy.map(\.time)
        sealed = head.sealed
        first = times.min().map(Timestamp.init(milliseconds:)) ?? head.sealed
        last = times.max().map(Timestamp.init(milliseconds:)) ?? head.sealed
        records = columns.producedCount
        readings = columns.readingCount
        let hasSummaries = columns.entries.contains { $0.kind == .summary }
        transitions = hasSummaries ? nil : columns.entries.count { $0.kind == .health }
        let span =
            head.monotonic.map { $0.upperBound.milliseconds - $0.lowerBound.milliseconds }
            ?? max(0, head.sealed.milliseconds &- first.milliseconds)
        gathered = .milliseconds(span)
    }
}

extension Stream.Row {
    /// Whether it says what the batch says; the length of the lines is not looked at.
    func agrees(with facts: BatchFacts) -> Bool {
        sealed == facts.sealed && first == facts.first && last == facts.last
            && records == facts.records && readings == facts.readings
            && (transitions == nil || transitions == facts.transitions)
            && gathered ?? facts.gathered == facts.gathered
    }

    /// Whether all that it says of the batch is so.
    func agrees(with proof: Proof) -> Bool {
        lines == proof.lines && agrees(with: proof.batch.facts)
    }
}
