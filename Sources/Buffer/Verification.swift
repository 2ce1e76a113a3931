// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// What a check of every batch, every seal and every sequence of a buffer has found.
///
/// A gateway may have the buffer open: then batches can leave while it is checked, for the limit or
/// as they were acknowledged, and are told here as lost, as the stream does.
package struct Verification: Hashable, Sendable {
    /// Which epoch was checked.
    package var epoch: Epoch
    /// Its newest sequence when the check began; what came later is not in here.
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
    /// Batches that cannot be believed, by sequence.
    package var damaged: [DamagedBatch]
    /// Sequences that are neither a batch nor lost, or both.
    package var unaccounted: [ClosedRange<Int64>]
    /// Epochs before this one, and why they are over.
    package var ended: [EndedEpoch]
    /// What the database, its mark and its counts say, and what cannot all be true.
    package var contradictions: [Contradiction]
    /// What SQLite's own check says, empty if it is content (sqlite.org/pragma.html,
    /// integrity_check); `nil` where it was not asked, as that would hold a gateway up.
    package var database: [Finding]?

    /// Records of epochs before this one that lie in quarantine: they will be brought back, or told
    /// of as lost.
    package var owed: Int64 { ended.reduce(0) { $0 &+ $1.owed } }

    /// Whether every sequence is accounted for and nothing is damaged. A loss that the stream
    /// tells of is no unsoundness, nor is free room that the database has miscounted.
    package var isSound: Bool {
        damaged.isEmpty && unaccounted.isEmpty && contradictions.isEmpty
            && (database ?? []).allSatisfy(\.isOfFreeRoom)
    }

    /// A line of what SQLite's own check says.
    package struct Finding: Hashable, Sendable {
        /// In SQLite's words.
        package let line: String

        /// Whether no record can lie there: bytes within a page that no cell has, or a page that
        /// nothing leads to (btree.c, "Fragmentation of", "never used").
        package var isOfFreeRoom: Bool {
            line.contains("Fragmentation of ") || line.hasSuffix("never used")
        }
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
        /// What the database says of a batch is not so; the batch itself is whole.
        case row(Cursor)
        /// The database counts so many records, and its batches have others.
        case tally(Int64)
        /// Of the records that ever came some are neither kept nor told of as lost, or some are
        /// twice.
        case books(produced: Int64, kept: Int64, lost: Int64)
    }

    /// A batch that cannot be believed.
    package struct DamagedBatch: Hashable, Sendable {
        /// Which one.
        package var cursor: Cursor
        /// As the database counts them.
        package var records: Int
        /// Why not.
        package var damage: Damage
    }
}

extension OfflineBuffer {
    /// Checks everything: decodes every batch, writes its lines, hashes them, and counts.
    ///
    /// While somebody looks at one state of the database its log cannot begin anew, and a gateway may
    /// be writing to it: so this looks at some batches at a time, and at what is lost between them.
    package func verify() throws(BufferError) -> Verification { try verify {} }

    /// `rest` is called between two looks.
    func verify(_ rest: () throws(BufferError) -> Void) throws(BufferError) -> Verification {
        let stream = reader.stream
        let database = stream.database
        var walk = try database.snapshot { () throws(BufferError) -> VerificationWalk in
            VerificationWalk(try begun(), batches: try batches(), kept: try stream.tally()?.kept)
        }
        while !walk.isOver {
            let page = try database.snapshot { () throws(BufferError) in
                try look(after: walk.last, through: walk.report.newest)
            }
            walk.take(page)
            try rest()
        }
        var report = walk.finished(isLive: isLive)
        let size = try database.pragma("page_count") * database.pragma("page_size")
        guard !isLive || size <= Self.checkedLive else { return report }
        report.database = try findings(in: database)
        return report
    }

    private func findings(in database: Database) throws(BufferError) -> [Verification.Finding] {
        var lines: [Substring] = []
        // One row can hold many lines, under a title.
        try database.rows("PRAGMA integrity_check(20)") { row in
            lines += row.text(0).split(separator: "\n")
            return true
        }
        return lines.filter { $0 != "ok" && !$0.hasPrefix("*** in database") }
            .map { Verification.Finding(line: String($0)) }
    }

    /// SQLite checks a database of so many bytes in less than a second, in one transaction.
    private static let checkedLive = 64 << 20
    /// Batches that are in memory at once.
    private static let step = 16

    /// What the mark, the consumers and the epochs before this one say.
    private func begun() throws(BufferError) -> Verification {
        let stream = reader.stream
        var report = Verification(
            epoch: epoch, newest: try stream.newest(), batches: 0, records: 0, readings: 0,
            hashedBytes: 0, lost: [], lostRecords: 0, damaged: [], unaccounted: [],
            ended: try stream.ended(), contradictions: [], database: nil)
        if let mark, mark.epoch == epoch, mark.newest > report.newest {
            report.contradictions.append(.behindMark(stream.cursor(mark.newest)))
        }
        if let mark, mark.epoch != epoch,
            !report.ended.contains(where: { $0.epoch == mark.epoch })
        {
            report.contradictions.append(.otherThanMark(mark.epoch))
        }
        if let tally = try stream.tally() {
            let lost = Int64(try stream.lostRecords().values.reduce(0, +))
            if tally.kept &+ lost != tally.produced {
                report.contradictions.append(
                    .books(produced: tally.produced, kept: tally.kept, lost: lost))
            }
        }
        for row in try stream.consumerRows() where !row.isSound || row.sequence > report.newest {
            report.contradictions.append(
                row.isSound
                    ? .consumerBeyondNewest(name: row.name, stream.cursor(row.sequence))
                    : .consumerDamaged(name: row.name))
        }
        return report
    }

    /// How many batches there are, if the rows of what is lost are right.
    private func batches() throws(BufferError) -> Int {
        let stream = reader.stream
        guard let oldest = try stream.oldest() else { return 0 }
        return try stream.batches(from: oldest.sequence, to: stream.newest())
    }

    private func look(
        after last: Int64, through newest: Int64
    ) throws(BufferError) -> VerificationWalk.Page {
        let stream = reader.stream
        var page = VerificationWalk.Page(end: newest)
        try stream.batches(after: last, limit: Self.step) { (row) throws(BufferError) in
            guard row.sequence <= newest else { return false }
            page.batches.append((row, .success([])))
            return true
        }
        for index in page.batches.indices {
            let row = page.batches[index].row
            page.batches[index].payload = try Reader.payload(of: row, in: stream)
        }
        if page.batches.count == Self.step { page.end = page.batches[Self.step - 1].row.sequence }
        try stream.losses(after: last) { (row) throws(BufferError) in
            guard row.from <= page.end else { return false }
            page.losses.append(row)
            return true
        }
        return page
    }
}
