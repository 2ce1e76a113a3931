// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

// Condensing as the writer does it: the oldest batches leave, what is left of them is sealed as one
// new batch at the end of the stream, and what is lost is recorded, in one transaction.

extension Store {
    /// Looks at what the limit takes before it goes. What has nothing to be carried on goes as it
    /// is, `plain`; unless that is all of it there is more to do, and room must be looked at again.
    ///
    /// `begun` is the newest sequence when room was first looked for.
    func condense(
        _ removals: [Retention.Removal], since begun: Int64
    ) throws(BufferError) -> (plain: [Retention.Removal], isAll: Bool) {
        guard let place = removals.firstIndex(where: { $0.reason != .acknowledged }),
            newest - begun < Pressure.runs
        else { return (removals, true) }
        // Until something is sealed there is time: only a limit that was lowered presses then.
        guard let head = lastHead else { return (Array(removals.prefix(place)), true) }
        let reason = removals[place].reason
        var rows: [Stream.Row] = []
        let first = removals[place].sequence
        try stream.batches(after: first - 1, limit: Pressure.batches) { (row) in
            guard row.sequence <= begun else { return false }
            rows.append(row)
            return true
        }
        rows.removeFirst(rows.firstIndex(where: pressure.carries) ?? rows.count)
        let plain = removals.prefix { removal in
            rows.first.map { removal.sequence < $0.sequence } ?? true
        }
        guard plain.isEmpty else { return (Array(plain), plain.count == removals.count) }
        let count = pressure.run(of: rows, consumers: try stream.positions().map(\.sequence))
        do throws(BufferError) {
            try condense(Array(rows.prefix(count)), for: reason, like: head)
        } catch .tooBig {
            return ([removals[0]], false)
        }
        return ([], false)
    }

    private func condense(
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
            }
        }
        if let sealing = try seal(condensing, of: run, like: head) {
            try commit(
                sealing, produced: 0, gone: parts.count, at: holding.time, with: remove)
        } else {
            try prepareLog(for: 0)
            try database.transaction(remove)
            tombstones += parts.count
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
