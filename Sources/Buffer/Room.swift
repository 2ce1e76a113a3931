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
        guard space.prepare(frames: frames) else { throw .full("log") }
    }

    /// Pages that a transaction changes beside those that it is known for: a margin.
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
        while true {
            let excess =
                try stream.usedPages() + retention.pages(bytes) + Retention.reserve - maxPages
            if let removals = try relief(ofExcess: excess, at: now) {
                let freed = removals.reduce(0) { $0 + $1.pages }
                guard freed < excess, !removals.isEmpty else { return removals }
                try removeInOneStep(removals)
            }
            try checkpointIfDue()
        }
    }

    /// What has to go, or may go by now, of a step of the oldest after `sequence`, up to the first
    /// that does not go.
    func removals(
        after sequence: Int64 = 0, ofExcess excess: Int, at now: Duration,
        while goes: (Stream.Row) -> Bool = { _ in true }
    ) throws(BufferError) -> [Retention.Removal] {
        var step = Retention.Step(
            retention, most: removed.size, excess: excess,
            reason: space.quota.isPressed ? .diskFull : .bufferLimit,
            acknowledged: try stream.acknowledgedByAll(), at: now)
        try stream.batches(after: sequence, limit: removed.size) { (row) in
            goes(row)
                && step.take(
                    Retention.Candidate(
                        sequence: row.sequence, elapsed: row.elapsed ?? .zero, bytes: row.bytes))
        }
        return step.removals
    }

    func removeInOneStep(_ removals: [Retention.Removal]) throws(BufferError) {
        try prepareLog(for: Self.pages(ofRemovals: removals.count))
        let start = ContinuousClock.now
        let tally = try database.transaction { () throws(BufferError) in
            try remove(removals)
            return try stream.tally() ?? Tally()
        }
        removed.record(removals.count, in: .now - start)
        tombstones += removals.count
        writeMark(tally)
    }

    /// Removes some batches, between which there is none, for one reason.
    func remove(_ removals: [Retention.Removal]) throws(BufferError) {
        guard let first = removals.first, let last = removals.last else { return }
        // All of them in one statement: two thirds of the time that they take one by one.
        let bounds: [Database.Binding] = [.integer(first.sequence), .integer(last.sequence)]
        try database.run(
            """
            INSERT INTO lost SELECT seq, seq, records, first_ms, last_ms, ?3
            FROM batch WHERE seq BETWEEN ?1 AND ?2
            """, bounds + [.text(first.reason.rawValue)])
        try database.run("DELETE FROM batch WHERE seq BETWEEN ? AND ?", bounds)
        merging.add(at: first.sequence)
        holding.gone(through: last.sequence)
    }

    /// Pages of the tree and of `lost` that are changed for so many batches: two or three have one
    /// leaf.
    static func pages(ofRemovals count: Int) -> Int { count * 2 }

    func checkpointIfDue() throws(BufferError) {
        let bytes = database.pagesInLog * retention.pageSize
        guard bytes >= Self.logTarget else { return }
        try database.checkpoint(bytes >= Self.logLimit ? .restart : .passive)
    }
}
