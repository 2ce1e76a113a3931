// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What has to go so that the next batch fits.
///
/// - Batches go oldest first, and never a newer one before an older one, but for batches of
///   transitions alone, which go last (`Pressure`): what is kept is one run of sequences up to the
///   newest, and before it, between what is lost, some transitions.
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
///   than `tombstones(limit:)`; a cursor inside a merged row is told that whole row (`LostMerging`).
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

    /// Pages that one transaction frees at most, or one batch: some of them have to be read, for the
    /// next one's place stands in it.
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

    /// What has to go, where there are `excess` pages too many, and what may go by now, `now` being
    /// the stream's own time: at most `most` batches, which are asked for one by one. What is taken
    /// from readers is taken for `reason`; `acknowledged` is what all consumers have acknowledged,
    /// `nil` if there are none. All go for one reason.
    struct Step {
        private let retention: Retention
        private let most: Int
        private let excess: Int
        private let reason: LossReason
        private let acknowledged: Int64?
        private let now: Duration
        private(set) var removals: [Removal] = []
        private var freed = 0

        init(
            _ retention: Retention, most: Int, excess: Int, reason: LossReason,
            acknowledged: Int64?, at now: Duration
        ) {
            self.retention = retention
            self.most = most
            self.excess = excess
            self.reason = reason
            self.acknowledged = acknowledged
            self.now = now
        }

        /// Takes the oldest batch that is left, if it goes; whether to ask for the next.
        mutating func take(_ batch: Candidate) -> Bool {
            let isAcknowledged = acknowledged.map { batch.sequence <= $0 } ?? false
            let isOld = now - batch.elapsed >= retention.keepAcknowledged
            guard freed < excess || isAcknowledged && isOld else { return false }
            let reason = isAcknowledged ? .acknowledged : reason
            guard removals.last.map({ $0.reason == reason }) ?? true else { return false }
            let pages = batch.bytes / (retention.pageSize - 4)
            guard removals.isEmpty || freed + pages <= Retention.stepPages else { return false }
            removals.append(Removal(sequence: batch.sequence, reason: reason, pages: pages))
            freed += pages
            return removals.count < most
        }
    }
}
