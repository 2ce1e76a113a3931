// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment

/// What a workload has done to a buffer, and what was acknowledged to it: the truth that a disk is
/// held against.
struct Journal: Sendable {
    /// What a sequence is for ever.
    enum Content: Hashable, Sendable {
        case batch(records: Int, transitions: Int, sha256: String)
        /// Told as lost by whoever sealed.
        case told(records: Int)

        var records: Int {
            switch self {
            case .batch(let records, _, _), .told(let records): records
            }
        }

        /// Those of them that are carried on when the limit takes the batch.
        var transitions: Int {
            switch self {
            case .batch(_, let transitions, _): transitions
            case .told: 0
            }
        }

        init(_ batch: Batch) {
            let transitions = batch.records.count { if case .health = $0 { true } else { false } }
            self = .batch(
                records: batch.head.records, transitions: transitions, sha256: batch.head.sha256)
        }
    }

    /// How the buffer stood after a call had returned.
    struct Truth: Sendable {
        var epoch: Epoch
        var newest: Int64 = 0
        /// The oldest sequence whose batch had not gone by retention.
        var oldest: Int64 = 1
        var consumers: [String: Int64] = [:]
    }

    var contents: [Cursor: Content] = [:]
    var truths: [Truth] = []

    /// What the last call answered, to be held against what the buffer says then.
    private var sealed: Cursor?
    private var acknowledged: (name: String, sequence: Int64)?

    /// A batch was sealed, so many transitions in it, and before it so many records were told as
    /// lost, each a sequence.
    mutating func answer(sealed head: BatchHead, transitions: Int = 0, told: [Loss] = []) {
        contents[head.cursor] = .batch(
            records: head.records, transitions: transitions, sha256: head.sha256)
        for (distance, loss) in told.reversed().enumerated() {
            let sequence = head.cursor.sequence - Int64(distance) - 1
            contents[Cursor(epoch: head.cursor.epoch, sequence: sequence)] = .told(
                records: loss.records)
        }
        sealed = head.cursor
    }

    mutating func answer(acknowledged consumer: Consumer) {
        acknowledged = (consumer.name, consumer.cursor.sequence)
    }

    /// Takes note of all that the buffer says, and has answered, after a call; returns the number
    /// of the truth.
    mutating func learn(from buffer: BatchBuffer) async throws(BufferError) -> Int {
        var truth = Truth(epoch: buffer.epoch, newest: buffer.newest)
        truth.oldest = try await buffer.state().oldest
        for consumer in try await buffer.consumers() {
            truth.consumers[consumer.name] = consumer.cursor.sequence
        }
        if let sealed, sealed.epoch == truth.epoch {
            truth.newest = max(truth.newest, sealed.sequence)
        }
        if let acknowledged { truth.consumers[acknowledged.name] = acknowledged.sequence }
        (sealed, acknowledged) = (nil, nil)
        try await learnCondensed(from: buffer, upTo: truth)
        truths.append(truth)
        return truths.count - 1
    }

    /// What the buffer has sealed by itself, of the transitions of batches that had to go.
    private mutating func learnCondensed(
        from buffer: BatchBuffer, upTo truth: Truth
    ) async throws(BufferError) {
        let known = truths.last.map { $0.epoch == truth.epoch ? $0.newest : 0 } ?? 0
        guard known < truth.newest else { return }
        for sequence in known + 1...truth.newest {
            let cursor = Cursor(epoch: truth.epoch, sequence: sequence)
            guard contents[cursor] == nil, let batch = try await buffer.batch(at: cursor) else {
                continue
            }
            contents[cursor] = Content(batch)
        }
    }

    /// Records of a range, without those that are carried on; `nil` if the workload never got so far.
    func records(
        _ epoch: Epoch, _ range: ClosedRange<Int64>, takenFor reason: LossReason
    ) -> Int? {
        var sum = 0
        for sequence in range {
            guard let content = contents[Cursor(epoch: epoch, sequence: sequence)] else {
                return nil
            }
            sum += content.records - (reason == .bufferLimit ? content.transitions : 0)
        }
        return sum
    }
}
