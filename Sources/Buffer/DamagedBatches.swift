// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

extension Store {
    /// Makes a loss of each of these batches that does not check, once and for all: from then on the
    /// stream says so, and nobody has to find it out again.
    ///
    /// Whoever found it may have read in a bad moment, so the writer looks for itself. A row that
    /// cannot be deleted is damage of the database, which `steadily` sees to.
    func lose(_ cursors: [Cursor]) throws(BufferError) {
        for cursor in cursors {
            let lost = try steadily { () throws(BufferError) in
                try insisting { () throws(BufferError) in try lose(cursor) }
            }
            if let lost { tell(.batchDamaged(lost)) }
        }
    }

    /// Does what the scrub's finding asks for.
    func see(to finding: Scrub.Finding) throws(BufferError) {
        switch finding {
        case .batch(let cursor): try lose([cursor])
        case .database(let epoch): try replace(epoch)
        }
    }

    private func lose(_ cursor: Cursor) throws(BufferError) -> LostRange? {
        guard cursor.epoch == stream.epoch,
            let row = try stream.oldest(after: cursor.sequence - 1),
            row.sequence == cursor.sequence
        else { return nil }
        let payload = try Reader.payload(of: row, in: stream)
        do throws(Damage) {
            _ = try Reader.batch(row, payload, stream.epoch)
            return nil
        } catch {
            if error == .mismatch { throw .unreadable("row \(row.sequence)") }
        }
        // What it cost is what its row says, which the sums of the row before confirm.
        if let before = try stream.batch(row.sequence - 1),
            before.totalRecords + Int64(row.records) != row.totalRecords
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
