// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What has to go so that the next batch fits.
///
/// - Batches go oldest first, and never a newer one before an older one: what is kept is always
///   one run of sequences up to the newest.
/// - The limit always wins. What it takes is recorded as lost, `buffer-limit`, unless every
///   consumer has acknowledged it: then nobody was still to come for it.
/// - Without the limit pressing, a batch goes once every consumer has acknowledged it and
///   `keepAcknowledged` has passed since its sealing, by the stream's own time: no step of the wall
///   clock wipes or keeps anything. Without consumers nothing goes this way: the buffer is a plain
///   ring.
/// - What goes after acknowledgement is recorded as a range, too, `acknowledged`: it is no loss of
///   the gateway's and is not counted as one, but a reader who asks for it afterwards is told
///   that it is not there any more, instead of skipping it in silence. A reader who asks for the
///   `earliest` starts after it; but what the limit took is reported to that reader, so that from
///   the earliest on batches and losses add up to what was produced.
/// - Each removed batch leaves a row with its own counts, so that a cursor in the middle of a lost
///   range is told exactly the rest of it. Only the oldest rows are merged, when there are more
///   than `tombstones(limit:)`; a cursor inside a merged row is told that whole row. Where reasons
///   alternate so often that there are twice as many, neighbours are merged all the same, under the
///   reason of the loss that has cost more records: how many there are stays exact, and has a bound.
struct Retention: Sendable {
    /// Pages that the database may ever have.
    let maxPages: Int
    let pageSize: Int
    let keepAcknowledged: Duration

    init(limit: Int, pageSize: Int, keepAcknowledged: Duration) {
        maxPages = limit / pageSize
        self.pageSize = pageSize
        self.keepAcknowledged = keepAcknowledged
    }

    /// Batches that one transaction removes at most, so that no seal waits long for room.
    static let step = 50
    /// Pages that it frees at most, or one batch: each of them has to be read, for the next one's
    /// place stands in it.
    static let stepPages = 4_096
    /// Pages kept free of batches: consumers and merged ranges must never fail for lack of space.
    static let reserve = 32

    /// How many removed batches are remembered one by one: 45 hours of 10 s batches, and fewer
    /// where they would take more than one percent of the limit.
    static func tombstones(limit: Int) -> Int {
        min(limit / 4_096, 16_384)
    }

    /// A batch that may have to go.
    struct Candidate {
        var sequence: Int64
        /// When it was sealed, by the stream's own time; zero if nobody knows.
        var elapsed: Duration
        var bytes: Int
    }

    struct Removal: Equatable {
        var sequence: Int64
        var reason: LossReason
        /// Pages that it frees, at least.
        var pages: Int
    }

    /// The pages that a batch of so many bytes takes, tables included.
    func pages(_ bytes: Int) -> Int {
        // An overflow page begins with a pointer of four bytes; of each page five say where its
        // pointer stands, on pages of their own (sqlite.org/fileformat2.html, §1.6 and §1.8).
        let pages = bytes / (pageSize - 4) + 4
        return pages + pages / (pageSize / 5)
    }

    /// Whether a batch of so many bytes could fit into so many pages, if it were alone.
    func fits(_ bytes: Int, into most: Int) -> Bool {
        pages(bytes) + Self.reserve + 16 <= most
    }

    /// Which of `oldest` (in order) have to go where there are `excess` pages too many, a step at
    /// most. What is taken from readers is taken for `reason`; `acknowledged` is what all
    /// consumers have acknowledged, `nil` if there are none; `now` is the stream's own time.
    func removals(
        of oldest: [Candidate], excess: Int, reason: LossReason, acknowledged: Int64?,
        at now: Duration
    ) -> [Removal] {
        var freed = 0
        var removals: [Removal] = []
        for batch in oldest.prefix(Self.step) {
            let isAcknowledged = acknowledged.map { batch.sequence <= $0 } ?? false
            let isOld = now - batch.elapsed >= keepAcknowledged
            guard freed < excess || isAcknowledged && isOld else { break }
            let pages = batch.bytes / (pageSize - 4)
            guard removals.isEmpty || freed + pages <= Self.stepPages else { break }
            removals.append(
                Removal(
                    sequence: batch.sequence,
                    reason: isAcknowledged ? .acknowledged : reason, pages: pages))
            freed += pages
        }
        return removals
    }
}
