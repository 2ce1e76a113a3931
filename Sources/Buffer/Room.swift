// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

// How the writer makes room: what goes before a batch, what is merged, what is given back.

extension Store {
    /// Removes in steps of their own while a full step is not enough; returns the last step,
    /// which goes with the batch that needs the room.
    func makeRoom(
        for bytes: Int, at now: Duration
    ) throws(BufferError) -> [Retention.Removal] {
        while true {
            var oldest: [Retention.Candidate] = []
            try stream.batches(after: 0, limit: Retention.step) { (row) throws(BufferError) in
                oldest.append(
                    Retention.Candidate(
                        sequence: row.sequence, elapsed: row.elapsed ?? .zero, bytes: row.bytes))
                return true
            }
            let removals = retention.removals(
                of: oldest, used: try stream.usedPages(), for: bytes,
                acknowledged: try stream.acknowledgedByAll(), at: now)
            guard removals.count == Retention.step else { return removals }
            try database.transaction { () throws(BufferError) in try remove(removals) }
            tombstones += removals.count
            try checkpointIfDue()
        }
    }

    func remove(_ removals: [Retention.Removal]) throws(BufferError) {
        for removal in removals {
            try database.run(
                """
                INSERT INTO lost SELECT seq, seq, records, first_ms, last_ms, ?
                FROM batch WHERE seq = ?
                """, .text(removal.reason.rawValue), .integer(removal.sequence))
            try database.run("DELETE FROM batch WHERE seq = ?", .integer(removal.sequence))
        }
    }

    /// Merges old tombstones, gives space back, works the log off: before a change and never after
    /// it, so that what has been committed is not reported as failed.
    func tidy() throws(BufferError) {
        let most = Retention.tombstones(limit: settings.limit)
        if tombstones > most + most / 4 { try mergeTombstones(most / 4) }
        try giveBack()
        try checkpointIfDue()
    }

    /// Makes the oldest `count` rows of what is lost into as few as their reasons allow.
    private func mergeTombstones(_ count: Int) throws(BufferError) {
        var rows: [LostRow] = []
        try stream.losses(after: 0) { (row) throws(BufferError) in
            rows.append(row)
            return rows.count < count
        }
        guard let last = rows.last else { return }
        var merged: [LostRow] = []
        for row in rows {
            if let open = merged.indices.last, merged[open].continues(with: row) {
                merged[open].append(row)
            } else {
                merged.append(row)
            }
        }
        try database.transaction { () throws(BufferError) in
            try database.run("DELETE FROM lost WHERE from_seq <= ?", .integer(last.from))
            for row in merged { try insert(row) }
        }
        tombstones -= rows.count - merged.count
    }

    /// Gives free pages back to the file system, some at a time, when there are many of them (an
    /// outage is over) or the limit was lowered.
    private func giveBack() throws(BufferError) {
        let pages = try database.pragma("page_count")
        let free = try database.pragma("freelist_count")
        let isTooLarge = pages > retention.maxPages
        guard free > (isTooLarge ? 0 : max(Self.freePages, pages / 4)) else { return }
        try database.execute("PRAGMA incremental_vacuum(\(Self.pagesGivenBack))")
        if isTooLarge { try database.execute("PRAGMA max_page_count = \(retention.maxPages)") }
    }

    /// Fewer are not worth moving pages about for.
    private static let freePages = 16_384
    /// Moves at most 1 MiB of pages, in milliseconds.
    private static let pagesGivenBack = 1_024

    func checkpointIfDue() throws(BufferError) {
        let bytes = database.pagesInLog * retention.pageSize
        guard bytes >= Self.logTarget else { return }
        try database.checkpoint(bytes >= Self.logLimit ? .restart : .passive)
    }
}
