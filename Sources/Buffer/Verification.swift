// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// What a check of every batch, every seal and every sequence of a buffer has found.
package struct Verification: Hashable, Sendable {
    package var epoch: Epoch
    package var newest: Int64
    /// Batches whose seal, counts and times check.
    package var batches: Int
    /// Records in them, without summaries, which nobody produced.
    package var records: Int
    /// Readings in them.
    package var readings: Int
    /// Bytes of their record lines that were hashed.
    package var hashedBytes: Int
    /// What the stream says is gone, adjacent ranges of one reason in one.
    package var lost: [LostRange]
    /// Records in `lost`, without those that were removed after acknowledgement.
    package var lostRecords: Int
    package var damaged: [DamagedBatch]
    /// Sequences that are neither a batch nor lost, or both.
    package var unaccounted: [ClosedRange<Int64>]
    /// Epochs before this one, and why they are over.
    package var ended: [EndedEpoch]
    /// What the database, its mark and its counts say, and what cannot all be true.
    package var contradictions: [Contradiction]
    /// What SQLite's own check says, empty if it is content (sqlite.org/pragma.html,
    /// integrity_check).
    package var database: [String]

    /// Whether every sequence is accounted for and nothing is damaged. A loss that the stream
    /// tells of is no unsoundness.
    package var isSound: Bool {
        damaged.isEmpty && unaccounted.isEmpty && contradictions.isEmpty && database.isEmpty
    }

    /// Two things that are said of a buffer, one of which is wrong.
    package enum Contradiction: Hashable, Sendable {
        /// The mark tells of a newer sequence: the database has lost its newest batches.
        case behindMark(Cursor)
        /// The mark is another epoch's, of which the database knows nothing: it was exchanged.
        case otherThanMark(Epoch)
        /// A consumer has acknowledged what was never sealed.
        case consumerBeyondNewest(name: String, Cursor)
        /// A consumer's place does not check.
        case consumerDamaged(name: String)
        /// The database counts so many records, and its batches have others.
        case tally(Int64)
    }

    /// A batch that cannot be believed.
    package struct DamagedBatch: Hashable, Sendable {
        package var cursor: Cursor
        /// As the database counts them.
        package var records: Int
        package var damage: Damage
    }
}

extension OfflineBuffer {
    /// Checks everything: decodes every batch, writes its lines, hashes them, and counts.
    package func verify() throws(BufferError) -> Verification {
        let stream = reader.stream
        return try stream.database.snapshot { () throws(BufferError) in
            var report = Verification(
                epoch: epoch, newest: try stream.newest(), batches: 0, records: 0, readings: 0,
                hashedBytes: 0, lost: [], lostRecords: 0, damaged: [], unaccounted: [],
                ended: try stream.ended(), contradictions: [], database: [])
            var taken: [ClosedRange<Int64>] = []
            try checkBatches(&report, &taken)
            try addLosses(&report, &taken)
            try addContradictions(&report)
            report.unaccounted = Self.unaccounted(taken, upTo: report.newest)
            try stream.database.rows("PRAGMA integrity_check(20)") { row in
                if row.text(0) != "ok" { report.database.append(row.text(0)) }
                return true
            }
            return report
        }
    }

    private func addContradictions(_ report: inout Verification) throws(BufferError) {
        let stream = reader.stream
        if let mark, mark.epoch == epoch, mark.newest > report.newest {
            report.contradictions.append(.behindMark(stream.cursor(mark.newest)))
        }
        if let mark, mark.epoch != epoch,
            !report.ended.contains(where: { $0.epoch == mark.epoch })
        {
            report.contradictions.append(.otherThanMark(mark.epoch))
        }
        for row in try stream.consumerRows() where !row.isSound || row.sequence > report.newest {
            report.contradictions.append(
                row.isSound
                    ? .consumerBeyondNewest(name: row.name, stream.cursor(row.sequence))
                    : .consumerDamaged(name: row.name))
        }
        let damaged = report.damaged.reduce(report.records) { $0 + $1.records }
        if stream.hasTally, let kept = try stream.tally()?.kept, kept != damaged {
            report.contradictions.append(.tally(kept))
        }
    }

    private func checkBatches(
        _ report: inout Verification, _ taken: inout [ClosedRange<Int64>]
    ) throws(BufferError) {
        var last: Int64 = 0
        while let row = try reader.stream.oldest(after: last) {
            last = row.sequence
            taken.append(row.sequence...row.sequence)
            let payload = try Reader.payload(of: row, in: reader.stream)
            do throws(Damage) {
                report.hashedBytes += try Self.check(row, payload, epoch)
                report.batches += 1
                report.records += row.records
                report.readings += row.readings
            } catch {
                report.damaged.append(
                    Verification.DamagedBatch(
                        cursor: Cursor(epoch: epoch, sequence: row.sequence),
                        records: row.records, damage: error))
            }
        }
    }

    /// Bytes hashed.
    private static func check(
        _ row: Stream.Row, _ payload: Result<[UInt8], Damage>, _ epoch: Epoch
    ) throws(Damage) -> Int {
        let batch = try Reader.batch(row, payload, epoch)
        let lines = RecordLines(batch.columns, end: UInt8(ascii: "\n"))
        let (digest, length) = lines.digest()
        guard Digest.hex(digest) == batch.head.sha256 else { throw .seal }
        let times = batch.columns.runs.lazy.map(\.time)
        guard row.lines == length + BatchLine.bytes(of: batch.head).count,
            row.first.milliseconds == times.min() ?? row.sealed.milliseconds,
            row.last.milliseconds == times.max() ?? row.sealed.milliseconds
        else { throw .mismatch }
        return length
    }

    private func addLosses(
        _ report: inout Verification, _ taken: inout [ClosedRange<Int64>]
    ) throws(BufferError) {
        var open: LostRow?
        try reader.stream.losses(after: 0) { (row) throws(BufferError) in
            if row.from <= row.to { taken.append(row.from...row.to) }
            if row.reason != .acknowledged { report.lostRecords += row.records }
            if open?.continues(with: row) == true {
                open?.append(row)
            } else {
                if let open { report.lost.append(open.range(epoch)) }
                open = row
            }
            return true
        }
        if let open { report.lost.append(open.range(epoch)) }
    }

    /// Gaps between, and overlaps of, ranges that should cover 1 to `newest` once.
    private static func unaccounted(
        _ ranges: [ClosedRange<Int64>], upTo newest: Int64
    ) -> [ClosedRange<Int64>] {
        var result: [ClosedRange<Int64>] = []
        var next: Int64 = 1
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
            if range.lowerBound < next {
                result.append(range.lowerBound...min(range.upperBound, next - 1))
            }
            next = max(next, range.upperBound + 1)
        }
        if next <= newest { result.append(next...newest) }
        return result
    }
}
