// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

// Condensing as the writer does it: the oldest batches leave, what is left of them is sealed as one
// new batch at the end of the stream, and what is lost is recorded, in one transaction.

extension Store {
    /// What goes next where `excess` pages are too many; `nil` when something was condensed or
    /// looked at, and room must be looked at again.
    ///
    /// What all have acknowledged and what is due goes first. Then, behind the batches of transitions
    /// alone, what has nothing to be carried on goes as it is, and what has is condensed. When there
    /// are only transitions the oldest of them go.
    func relief(
        ofExcess excess: Int, at now: Duration
    ) throws(BufferError) -> [Retention.Removal]? {
        let oldest = try removals(ofExcess: excess, at: now)
        guard let reason = oldest.first?.reason, reason != .acknowledged else { return oldest }
        // Until something is sealed there is time: only a limit that was lowered presses then.
        guard let head = lastHead else { return [] }
        var run = Pressure.Run(
            pressure, after: settled, consumers: try stream.positions().map(\.sequence))
        try stream.batches(after: settled, limit: Pressure.batches) { run.take($0) }
        settled = run.settled
        guard let first = run.rows.first, run.isWorthwhile else {
            guard run.isCut else { return oldest }
            settled = run.rows.first?.sequence ?? settled
            return nil
        }
        guard pressure.carries(first) else {
            return try removals(after: settled, ofExcess: excess, at: now) { !pressure.carries($0) }
        }
        try condense(run.rows, for: reason, like: head)
        return nil
    }

    /// Condenses a run, or as much of it as makes one batch.
    private func condense(
        _ rows: [Stream.Row], for reason: LossReason, like head: BatchHead
    ) throws(BufferError) {
        do throws(BufferError) {
            return try condenseAll(rows, for: reason, like: head)
        } catch .tooBig where rows.count > 1 {}
        try condense(Array(rows.prefix(rows.count / 2)), for: reason, like: head)
    }

    private func condenseAll(
        _ run: [Stream.Row], for reason: LossReason, like head: BatchHead
    ) throws(BufferError) {
        var condensing = Condensing(pressure.whenFull, for: reason)
        for row in run { try take(row, into: &condensing) }
        if !condensing.isWorthwhile || condensing.count > BatchCodec.maxRecords {
            condensing.keepTransitionsAlone()
        }
        let parts = condensing.parts
        func remove() throws(BufferError) {
            for part in parts {
                try database.run("DELETE FROM batch WHERE seq = ?", .integer(part.row.sequence))
                try insert(part.lostRow)
                holding.gone(through: part.row.sequence)
            }
        }
        if let sealing = try seal(condensing, of: run, like: head) {
            try commit(
                sealing, produced: 0, gone: parts.count, at: holding.time, with: remove)
        } else {
            try prepareLog(for: Self.pages(ofRemovals: parts.count))
            let tally = try database.transaction { () throws(BufferError) in
                try remove()
                return try stream.tally() ?? Tally()
            }
            tombstones += parts.count
            writeMark(tally)
        }
    }

    private func take(
        _ row: Stream.Row, into condensing: inout Condensing
    ) throws(BufferError) {
        guard pressure.carries(row) else { return condensing.drop(row) }
        let payload = try Reader.payload(of: row, in: stream)
        let cursor = stream.cursor(row.sequence)
        guard let batch = try? Batch(payload, at: cursor) else { return condensing.giveUp(row) }
        // What leaves is counted by its row.
        if !row.agrees(with: batch.facts), let event = try examine(cursor) { tell(event) }
        condensing.take(try stream.batch(row.sequence) ?? row, batch)
    }

    /// What is left of a run; `nil` if that is nothing.
    private func seal(
        _ condensing: Condensing, of run: [Stream.Row], like head: BatchHead
    ) throws(BufferError) -> Sealing? {
        guard condensing.count > 0, let first = run.first, let last = run.last else { return nil }
        var head = head
        head.cursor = stream.cursor(newest + 1)
        head.condensed = first.sequence...last.sequence
        head.clock = condensing.clock ?? head.clock
        // It was gathered at once, however old what it holds: nobody is behind by that.
        head.monotonic = head.monotonic.map { $0.upperBound...$0.upperBound }
        let records = condensing.records
        head.records = records.count
        return try Sealing(records, head: head)
    }
}

extension Condensing.Part {
    var lostRow: LostRow {
        LostRow(
            from: row.sequence, to: row.sequence, records: lost, first: row.first, last: row.last,
            reason: reason)
    }
}
