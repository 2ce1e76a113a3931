// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment

/// What a workload has done to a buffer, and what was acknowledged to it: the truth that a disk is
/// held against.
struct Journal: Sendable {
    /// What a sequence is for ever.
    enum Content: Hashable, Sendable {
        case batch(records: Int, sha256: String)
        /// Told as lost by whoever sealed.
        case told(records: Int)

        var records: Int {
            switch self {
            case .batch(let records, _), .told(let records): records
            }
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

    /// A batch was sealed, and before it so many records were told as lost, each a sequence.
    mutating func answer(sealed head: BatchHead, told: [Loss] = []) {
        contents[head.cursor] = .batch(records: head.records, sha256: head.sha256)
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
        truths.append(truth)
        return truths.count - 1
    }

    /// Records of a range; `nil` if the workload never got so far.
    func records(_ epoch: Epoch, _ range: ClosedRange<Int64>) -> Int? {
        var sum = 0
        for sequence in range {
            guard let content = contents[Cursor(epoch: epoch, sequence: sequence)] else {
                return nil
            }
            sum += content.records
        }
        return sum
    }
}
