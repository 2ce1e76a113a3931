// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// Batches that somebody found damaged, or at odds with their rows: the writer looks for itself, and
/// writes down what is so, once and for all.
///
/// | the bytes | the row | then |
/// |---|---|---|
/// | prove the batch | agrees | nothing: whoever found it had read in a bad moment |
/// | prove the batch | says otherwise | the row is made to say what they say |
/// | are another batch's | | the database cannot be believed |
/// | do not check | its sums hold | the batch is lost, and the stream says so |
/// | do not check | its sums do not | the database cannot be believed |
///
/// A row that cannot be written is damage of the database, too, which `steadily` sees to.
extension Store {
    func examine(_ cursors: [Cursor]) throws(BufferError) {
        for cursor in cursors {
            let event = try steadily { () throws(BufferError) in
                try insisting { () throws(BufferError) in try examine(cursor) }
            }
            if let event { tell(event) }
        }
    }

    /// Does what the scrub's finding asks for.
    func see(to finding: Scrub.Finding) throws(BufferError) {
        switch finding {
        case .batch(let cursor): try examine([cursor])
        case .database(let epoch): try replace(epoch)
        }
    }

    /// One batch; what is to be told of it.
    func examine(_ cursor: Cursor) throws(BufferError) -> BufferEvent? {
        // What counts is what is on disk, and not what has been in memory for long.
        try database.forget()
        guard cursor.epoch == stream.epoch, let row = try stream.batch(cursor.sequence) else {
            return nil
        }
        let payload = try Reader.payload(of: row, in: stream)
        switch Result(catching: { () throws(Damage) in try Proof(payload, at: cursor) }) {
        case .success(let proof) where row.agrees(with: proof): return nil
        case .success(let proof):
            try mend(row, as: proof)
            return .rowMended(cursor)
        case .failure(.mismatch): throw .unreadable("row \(row.sequence)")
        case .failure: return .batchDamaged(try lose(row))
        }
    }

    /// The tally is as it was: it counts when rows come and go.
    private func mend(_ row: Stream.Row, as proof: Proof) throws(BufferError) {
        let facts = proof.batch.facts
        try prepareLog(for: 0)
        try database.transaction { () throws(BufferError) in
            try database.run(
                """
                UPDATE batch SET sealed_ms = ?, first_ms = ?, last_ms = ?, records = ?,
                    readings = ?, lines = ?, transitions = ?, gathered_ms = ? WHERE seq = ?
                """,
                .integer(facts.sealed.milliseconds), .integer(facts.first.milliseconds),
                .integer(facts.last.milliseconds), .integer(Int64(facts.records)),
                .integer(Int64(facts.readings)), .integer(Int64(proof.lines)),
                .integer(ifAny: facts.transitions), .integer(facts.gathered.milliseconds),
                .integer(row.sequence))
        }
    }

    private func lose(_ row: Stream.Row) throws(BufferError) -> LostRange {
        // What it cost is what its row says, which the sums of the row before confirm.
        if let before = try stream.batch(row.sequence - 1),
            before.totalRecords &+ Int64(row.records) != row.totalRecords
        {
            throw .unreadable("records of \(row.sequence)")
        }
        let lost = row.asLost(.corruption)
        try prepareLog(for: 0)
        let tally = try database.transaction { () throws(BufferError) in
            try insert(lost)
            try database.run("DELETE FROM batch WHERE seq = ?", .integer(row.sequence))
            return try stream.tally() ?? Tally()
        }
        tombstones += 1
        writeMark(tally)
        return lost.range(stream.epoch)
    }
}
