// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// What the writer does when it has done what was asked, one small piece at a time, the most urgent
/// first: works the log off, removes what may go, merges old rows of what is gone, gives space
/// back, and brings back what lies in quarantine.
///
/// A piece takes milliseconds, and whoever wants to write waits for one at most: a purge of 1 GB
/// that was acknowledged at once, or a limit that was lowered by as much, is thousands of pieces.
/// What has been committed is not reported as failed because of them: what fails here is met, and
/// told, by the next seal.
extension Store {
    /// Does one piece; when to do the next, `nil` when something has changed.
    func upkeep() -> Duration? {
        // What a test has in store is for what it asks for next.
        guard held?.database.isToBeInterrupted != true else { return nil }
        do throws(BufferError) {
            let isMore = try steadily { () throws(BufferError) in
                if try workOffLog() { return true }
                if try removeDue() { return true }
                if try mergeTombstones() { return true }
                if try giveBack() { return true }
                return try salvageStep()
            }
            return isMore ? .zero : nil
        } catch {
            return Self.pauseAfterFailure
        }
    }

    private static let pauseAfterFailure = Duration.seconds(10)

    /// A piece of its own, as it waits for the disk.
    private func workOffLog() throws(BufferError) -> Bool {
        let before = database.pagesInLog
        try checkpointIfDue()
        // Where a reader holds on to it, it is tried again after the next change.
        return database.pagesInLog < before
    }

    /// What is acknowledged and old enough, or lies above a limit that was lowered.
    private func removeDue() throws(BufferError) -> Bool {
        try look()
        let excess = try stream.usedPages() - quotaPages
        guard let removals = try relief(ofExcess: excess, at: holding.time.elapsed) else {
            return true
        }
        guard !removals.isEmpty else { return false }
        try removeInOneStep(removals)
        return true
    }

    /// Makes rows of what is lost fewer, when there are too many.
    private func mergeTombstones() throws(BufferError) -> Bool {
        let most = Retention.tombstones(limit: settings.limit)
        guard merging.isDue(tombstones, most: most) else { return false }
        let count = min(most / 4, Self.rowsMerged)
        var rows: [LostRow] = []
        try stream.losses(after: merging.through) { (row) throws(BufferError) in
            rows.append(row)
            return rows.count < count
        }
        let merged = merging.merge(rows)
        guard let first = rows.first, let last = rows.last, merged.count < rows.count else {
            return rows.count == count
        }
        try database.transaction { () throws(BufferError) in
            try database.run(
                "DELETE FROM lost WHERE from_seq BETWEEN ? AND ?", .integer(first.from),
                .integer(last.from))
            for row in merged { try database.insert(row) }
        }
        tombstones -= rows.count - merged.count
        return true
    }

    /// Rows of what is lost that one piece merges.
    private static let rowsMerged = 1_024

    /// Gives free pages back to the file system, some at a time, when there are many of them (an
    /// outage is over) or the limit was lowered.
    private func giveBack() throws(BufferError) -> Bool {
        let pages = try database.pragma("page_count")
        let free = try database.pragma("freelist_count")
        let isTooLarge = pages > quotaPages
        guard free > (isTooLarge ? 0 : max(Self.freePages, pages / 4)) else { return false }
        // It moves so many pages at most.
        let size = givenBack.size
        try prepareLog(for: size)
        let start = ContinuousClock.now
        try database.execute("PRAGMA incremental_vacuum(\(size))")
        givenBack.record(size, in: .now - start)
        return true
    }

    /// Fewer are not worth moving pages about for.
    private static let freePages = 16_384
}
