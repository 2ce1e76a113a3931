// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer

/// Reads a whole stream, and holds each sequence of it against what was promised.
///
/// | the epoch that was acknowledged last | the one that is found |
/// |---|---|
/// | was not damaged | is the same |
/// | was | is the same, or a new one, which has all of the old one: brought back, or lost |
/// | there was none | holds nothing, or what was under way |
///
/// No epoch that is over comes back, and nothing is brought back twice.
struct Examination {
    /// What was promised, and from now on what was found.
    var journal: Journal
    private(set) var base: Journal.Truth
    var truth: Journal.Truth
    let judge: Judge
    let reached: Journal.Truth
    let estate: Estate?
    private var next: Int64 = 1
    private var returned: Set<Cursor> = []
    private var told = 0
    var spoiled = 0

    init(_ judge: Judge, of epoch: Epoch) throws(Judge.Broken) {
        self.judge = judge
        journal = judge.journal
        let fresh = Journal.Truth(epoch: epoch)
        truth = fresh
        let reached = judge.reached.flatMap { $0.epoch == epoch ? $0 : nil }
        guard let acknowledged = judge.acknowledged else {
            base = fresh
            self.reached = reached ?? fresh
            estate = nil
            return
        }
        if acknowledged.epoch != epoch {
            guard acknowledged.ruin != nil || judge.isRotten else {
                throw Judge.Broken("\(acknowledged.epoch.text) went on as \(epoch.text) by itself")
            }
            guard !journal.contents.keys.contains(where: { $0.epoch == epoch }) || reached != nil
            else { throw Judge.Broken("\(epoch.text) was over, and is back") }
            let estate = Estate(
                of: acknowledged, until: judge.interrupted ?? judge.reached, in: journal)
            journal.estates[epoch] = estate
            base = fresh
            base.consumers = estate.consumers
            self.reached = reached ?? base
        } else {
            base = acknowledged
            self.reached = reached ?? base
        }
        estate = journal.estates[epoch]
        guard base.newest <= self.reached.newest else {
            throw Judge.Broken(
                "the workload went back from \(base.newest) to \(self.reached.newest)")
        }
    }

    mutating func read(_ buffer: BatchBuffer) async throws {
        truth.newest = buffer.newest
        (truth.spoiled, truth.ruin) = (reached.spoiled, reached.ruin)
        guard truth.newest >= base.newest, estate != nil || truth.newest <= reached.newest else {
            throw Judge.Broken(
                "newest is \(truth.newest), not in \(base.newest)...\(reached.newest)")
        }
        var sum = 0
        var page: Page
        repeat {
            let after = Cursor(epoch: truth.epoch, sequence: next - 1)
            page = try await buffer.read(after: .after(after), limit: .max, maxBytes: .max)
            for item in page.items { sum += try hold(item) }
        } while page.more && !page.items.isEmpty
        guard next == truth.newest + 1 else { throw Judge.Broken("the stream ends before \(next)") }
        try estate?.settle(returned, told: told)
        try holdBooks(sum)
        truth.oldest = try await buffer.state().oldest
        for consumer in try await buffer.consumers() {
            truth.consumers[consumer.name] = consumer.cursor.sequence
        }
        if !judge.isRotten, base.ruin == nil { try holdConsumers(truth.consumers) }
    }

    /// Produced is kept and lost: what was condensed was produced before.
    private func holdBooks(_ sum: Int) throws(Judge.Broken) {
        let produced = stride(from: 1, through: truth.newest, by: 1).reduce(0) { sum, sequence in
            let content = journal.contents[Cursor(epoch: truth.epoch, sequence: sequence)]
            return sum + (content?.origin == .condensed ? 0 : content?.records ?? 0)
        }
        guard sum == produced else {
            throw Judge.Broken("\(produced) records were produced, and \(sum) are accounted for")
        }
    }
}

// MARK: One item after another

extension Examination {
    /// How many records it accounts for.
    private mutating func hold(_ item: Page.Item) throws(Judge.Broken) -> Int {
        switch item {
        case .epoch(let from, let to, let reason):
            throw Judge.Broken("epoch \(from.text) went on as \(to.text), \(reason)")
        case .batch(let batch): return try hold(Content(batch), at: batch.head.cursor)
        case .lost(let range):
            guard range.from.sequence == next else {
                throw Judge.Broken("\(range.from) after \(next)")
            }
            try hold(range)
            next = range.to.sequence + 1
            return range.records
        }
    }

    private mutating func hold(_ found: Content, at cursor: Cursor) throws(Judge.Broken) -> Int {
        guard cursor.sequence == next else { throw Judge.Broken("\(cursor) after \(next)") }
        let promised = journal.contents[cursor]
        let isNews = cursor.sequence > base.newest
        let isBack = estate?.holds(found) ?? false
        guard promised == found || isNews && (found == judge.attempt?.content || isBack) else {
            throw Judge.Broken("\(cursor) is \(found), and not \(String(describing: promised))")
        }
        journal.contents[cursor] = found
        try takeBack(found)
        next += 1
        return found.records
    }

    private mutating func takeBack(_ content: Content) throws(Judge.Broken) {
        guard case .salvaged(let first) = content.origin else { return }
        guard returned.insert(first).inserted else {
            throw Judge.Broken("\(first) is back twice")
        }
    }

    private mutating func hold(_ range: LostRange) throws(Judge.Broken) {
        if judge.isRotten, estate == nil, range.reason == .corruption {
            return try holdRot(range)
        }
        var left = range.records
        var owed: Cursor?
        for sequence in range.from.sequence...range.to.sequence {
            let cursor = Cursor(epoch: range.from.epoch, sequence: sequence)
            if range.reason == .corruption, estate != nil, isOwed(cursor) {
                guard owed == nil else { throw Judge.Broken("\(cursor) is no one's") }
                owed = cursor
                continue
            }
            guard let content = journal.contents[cursor] else {
                throw Judge.Broken("\(cursor) is lost, and was never there")
            }
            left -= content.lost(for: range.reason)
            try takeBack(content)
            try holdLost(content, at: cursor, for: range.reason)
        }
        if let owed {
            journal.contents[owed] = Content(told: left, .corruption)
            told += left
            left = 0
        }
        guard left == 0 else { throw Judge.Broken("\(range) has \(left) records too many") }
    }

    /// Whether a loss is what could not be brought back of another epoch: told already, or where
    /// the workload had not come to.
    private func isOwed(_ cursor: Cursor) -> Bool {
        journal.contents[cursor]?.origin == .told(.corruption) || cursor.sequence > base.newest
    }

    /// What is lost was told as lost when it was sealed, or went for a reason.
    private mutating func holdLost(
        _ content: Content, at cursor: Cursor, for reason: LossReason
    ) throws(Judge.Broken) {
        if content.origin == .told(reason) { return }
        let isRead = [base, reached].contains { truth in
            truth.consumers.values.min().map { cursor.sequence <= $0 } ?? false
        }
        if reason == .corruption { spoiled += 1 }
        switch reason {
        case .acknowledged where isRead || cursor.sequence < reached.oldest: return
        case .corruption where judge.isRotten: return
        case .corruption where spoiled <= max(base.spoiled, reached.spoiled): return
        case .bufferLimit, .diskFull, .thinned:
            if cursor.sequence < reached.oldest { return }
        case .acknowledged, .corruption, .notStored: break
        }
        throw Judge.Broken("\(cursor) is lost, \(reason.rawValue)")
    }
}
