// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

// How the writer makes room: what goes before a batch, and what is done where there is none.

extension Store {
    /// Looks at the disk, and lets the database have what the quota says.
    func look() throws(BufferError) {
        let wasPressed = space.quota.isPressed
        space.look(pages: try database.pragma("page_count"))
        let quota = space.quota
        if quota.isPressed, !wasPressed {
            tell(.diskPresses(quota: quota.bytes, limit: quota.limit))
        } else if wasPressed, !quota.isPressed {
            tell(.diskRelieved(limit: quota.limit))
        }
        guard quotaPages != maxPages else { return }
        try database.execute("PRAGMA max_page_count = \(quotaPages)")
        // It is never less than the database has.
        maxPages = try database.pragma("max_page_count")
    }

    /// Pages that the database may have now.
    var quotaPages: Int { space.quota.bytes / retention.pageSize }

    /// Does `body`, which writes. Where the disk is full in spite of the quota, the reserve is given
    /// up and the log worked off, so that it begins anew and needs no more of the disk; then it
    /// is done once more. If it fails, nothing was changed.
    func insisting<Success>(
        _ body: () throws(BufferError) -> Success
    ) throws(BufferError) -> Success {
        do {
            return try body()
        } catch {
            guard error.isFull else { throw error }
        }
        space.release()
        try database.checkpoint(.restart)
        try look()
        return try body()
    }

    /// Lets the log have the room that a transaction of so many pages needs, before it begins.
    func prepareLog(for pages: Int) throws(BufferError) {
        let frames = database.pagesInLog + pages + Self.otherPages
        guard space.prepare(log: frames * (retention.pageSize + 24)) else { throw .full("log") }
    }

    /// Pages that a transaction changes beside those of its batch: of a step's removals, mostly.
    private static let otherPages = 512

    /// Removes in steps of their own while one is not enough; returns the last step, which goes
    /// with the batch that needs the room. A database that is larger than its quota is made
    /// smaller elsewhere, where nobody waits (`upkeep`).
    func makeRoom(
        for bytes: Int, at now: Duration
    ) throws(BufferError) -> [Retention.Removal] {
        try look()
        // What the disk has no room for waits; nothing is removed in vain.
        guard retention.fits(bytes, into: maxPages) else { throw .full("seal") }
        let begun = newest
        while true {
            let excess =
                try stream.usedPages() + retention.pages(bytes) + Retention.reserve - maxPages
            let (plain, isAll) = try condense(
                try removals(ofExcess: excess, at: now), since: begun)
            let freed = plain.reduce(0) { $0 + $1.pages }
            guard !isAll || freed < excess && !plain.isEmpty else { return plain }
            if !plain.isEmpty { try removeInOneStep(plain) }
            try checkpointIfDue()
        }
    }

    /// What has to go, or may go by now, of a step of the oldest.
    func removals(
        ofExcess excess: Int, at now: Duration
    ) throws(BufferError) -> [Retention.Removal] {
        var oldest: [Retention.Candidate] = []
        try stream.batches(after: 0, limit: Retention.step) { (row) throws(BufferError) in
            oldest.append(
                Retention.Candidate(
                    sequence: row.sequence, elapsed: row.elapsed ?? .zero, bytes: row.bytes))
            return true
        }
        return retention.removals(
            of: oldest, excess: excess,
            reason: space.quota.isPressed ? .diskFull : .bufferLimit,
            acknowledged: try stream.acknowledgedByAll(), at: now)
    }

    func removeInOneStep(_ removals: [Retention.Removal]) throws(BufferError) {
        let tally = try database.transaction { () throws(BufferError) in
            try remove(removals)
            return try stream.tally() ?? Tally()
        }
        tombstones += removals.count
        writeMark(tally)
    }

    func remove(_ removals: [Retention.Removal]) throws(BufferError) {
        for removal in removals {
            try database.run(
                """
                INSERT INTO lost SELECT seq, seq, records, first_ms, last_ms, ?
                FROM batch WHERE seq = ?
                """, .text(removal.reason.rawValue), .integer(removal.sequence))
            try database.run("DELETE FROM batch WHERE seq = ?", .integer(removal.sequence))
            newRow(at: removal.sequence)
        }
    }

    func checkpointIfDue() throws(BufferError) {
        let bytes = database.pagesInLog * retention.pageSize
        guard bytes >= Self.logTarget else { return }
        try database.checkpoint(bytes >= Self.logLimit ? .restart : .passive)
    }
}
