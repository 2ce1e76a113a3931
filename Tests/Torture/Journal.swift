// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment

/// What a workload has done to a buffer, and what was acknowledged to it: the truth that a disk is
/// held against.
struct Journal: Sendable {
    /// How the buffer stood after a call had returned.
    struct Truth: Sendable {
        var epoch: Epoch
        var newest: Int64 = 0
        /// The oldest sequence whose batch had not gone by retention.
        var oldest: Int64 = 1
        var consumers: [String: Int64] = [:]
        /// How many of the epoch's batches have been overwritten at most.
        var spoiled = 0
        /// Where its database has been: then, and only then, the epoch may end.
        var ruin: Ruin?
    }

    var contents: [Cursor: Content] = [:]
    var truths: [Truth] = []
    /// What epochs have from the one before each.
    var estates: [Epoch: Estate] = [:]
    /// What the buffer was told to do with the oldest.
    var whenFull = WhenFull.drop
    var limit = Workload.limit

    /// What the last call answered, to be held against what the buffer says then.
    private(set) var sealed: [Cursor] = []
    private var acknowledged: Consumer?

    /// A batch was sealed, and before it so many records were told as lost, each a sequence.
    mutating func answer(
        sealed head: BatchHead, of made: Numbered.Made, told: [Loss] = []
    ) {
        sealed.append(head.cursor)
        contents[head.cursor] = Content(head, of: made)
        for (distance, loss) in told.reversed().enumerated() {
            let cursor = Cursor(
                epoch: head.cursor.epoch, sequence: head.cursor.sequence - Int64(distance) - 1)
            contents[cursor] = Content(told: loss.records, loss.reason)
            sealed.append(cursor)
        }
    }

    mutating func answer(acknowledged consumer: Consumer) { acknowledged = consumer }

    /// Takes note of all that the buffer says, and has answered, after a call; returns the number
    /// of the truth.
    mutating func learn(from buffer: BatchBuffer) async throws(BufferError) -> Int {
        let epoch = buffer.epoch
        let known = truths.last.flatMap { $0.epoch == epoch ? $0.newest : nil } ?? 0
        let truth = try await look(at: buffer, after: known)
        guard truth.epoch == buffer.epoch, known == 0 || truth.epoch == epoch else {
            // It was found to be damaged meanwhile.
            return try await learn(from: buffer)
        }
        return keep(truth)
    }

    /// Takes note of how a buffer stands; returns the number of the truth.
    mutating func keep(_ truth: Truth) -> Int {
        var truth = truth
        if let last = truths.last, last.epoch == truth.epoch {
            (truth.spoiled, truth.ruin) = (last.spoiled, last.ruin)
        } else if let last = truths.last {
            estates[truth.epoch] = Estate(of: last, until: nil, in: self)
        }
        truths.append(truth)
        return truths.count - 1
    }

    /// Takes note of harm that is about to be done; returns the number of the truth.
    mutating func expect(_ harm: (inout Truth) -> Void) -> Int {
        if var truth = truths.last {
            harm(&truth)
            truths.append(truth)
        }
        return truths.count - 1
    }

    /// How the buffer stands, of which everything is known up to `known`.
    mutating func look(
        at buffer: BatchBuffer, after known: Int64
    ) async throws(BufferError) -> Truth {
        var truth = Truth(epoch: buffer.epoch, newest: buffer.newest)
        truth.oldest = try await buffer.state().oldest
        for consumer in try await buffer.consumers() {
            truth.consumers[consumer.name] = consumer.cursor.sequence
        }
        for cursor in sealed where cursor.epoch == truth.epoch {
            truth.newest = max(truth.newest, cursor.sequence)
        }
        if let acknowledged, acknowledged.cursor.epoch == truth.epoch {
            truth.consumers[acknowledged.name] = acknowledged.cursor.sequence
        }
        var next = Cursor(epoch: truth.epoch, sequence: known)
        while next.sequence < truth.newest {
            let page: Page
            do throws(BufferError) {
                page = try await buffer.read(after: .after(next), limit: .max, maxBytes: .max)
            } catch {
                guard case .otherEpoch = error else { throw error }
                break
            }
            for item in page.items { learn(item, after: known) }
            next = page.next
        }
        (sealed, acknowledged) = ([], nil)
        return truth
    }

    /// What the buffer has done by itself: condensed, brought back, told as lost.
    private mutating func learn(_ item: Page.Item, after known: Int64) {
        switch item {
        case .epoch: break
        case .batch(let batch):
            guard !sealed.contains(batch.head.cursor) else { return }
            contents[batch.head.cursor] = Content(batch)
        case .lost(let range):
            var left = range.records
            var news: [Cursor] = []
            for sequence in range.from.sequence...range.to.sequence {
                let cursor = Cursor(epoch: range.from.epoch, sequence: sequence)
                if sequence <= known || sealed.contains(cursor), let content = contents[cursor] {
                    left -= content.lost(for: range.reason)
                } else {
                    news.append(cursor)
                }
            }
            for cursor in news {
                contents[cursor] = Content(told: left, range.reason)
                // What went for room before anybody saw it was made of others.
                if [.bufferLimit, .diskFull, .thinned].contains(range.reason) {
                    contents[cursor]?.origin = .condensed
                }
                left = 0
            }
        }
    }
}
