// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment

/// What a gateway and its platforms do to a buffer, in an order that a seed decides.
struct Workload {
    /// What kind of day it is.
    enum Kind: Sendable {
        /// Small batches, which go as soon as they are acknowledged.
        case acknowledging
        /// Batches of some 30 kB, more than the limit holds: the oldest go.
        case ring
        /// The gateway stops and starts all the time.
        case restarting
        /// Large batches: the log is worked off while it is written.
        case checkpointing
    }

    let kind: Kind
    private let directory: String
    private var random: Seeded
    private var numbered: Numbered
    private var buffer: BatchBuffer?
    private var time = Timestamp(milliseconds: 1_795_136_633_004)
    private(set) var journal = Journal()

    init(seed: UInt64, directory: String) {
        kind = Self.kinds[Int(seed % UInt64(Self.kinds.count))]
        self.directory = directory
        random = Seeded(seed)
        numbered = Numbered(seed: seed)
    }

    /// What costs much to open comes less often.
    private static let kinds: [Kind] = [
        .acknowledging, .restarting, .ring, .acknowledging, .restarting, .checkpointing,
        .acknowledging, .restarting,
    ]

    /// The least that a limit can be: a ring turns soon.
    static let limit = 1 << 20

    static func settings(_ directory: String, keep: Duration = .seconds(3)) -> BatchBuffer.Settings
    {
        BatchBuffer.Settings(
            directory: directory, gateway: "edge-07", site: nil, limit: limit,
            keepAcknowledged: keep)
    }

    /// Runs it; `learnt` is called with the number of the truth after each call that has returned.
    mutating func run(learnt: (Int) -> Void) async throws(BufferError) {
        for step in 0..<steps {
            time = Timestamp(
                milliseconds: time.milliseconds + Int64.random(in: 1...2_000, using: &random))
            try await doSomething(step)
            if let buffer { learnt(try await journal.learn(from: buffer)) }
        }
        await buffer?.close()
    }

    private var steps: Int {
        switch kind {
        case .acknowledging: 60
        case .ring: 60
        case .restarting: 40
        case .checkpointing: 40
        }
    }

    private mutating func doSomething(_ step: Int) async throws(BufferError) {
        guard let buffer else {
            buffer = try BatchBuffer(Self.settings(directory))
            return
        }
        let names = ["erp", "historian"]
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<2:
            guard kind != .ring || step > 50 else { return try await seal(into: buffer) }
            for name in names { try await buffer.register(name, start: .earliest) }
        case 2..<6:
            let cursor = Cursor(
                epoch: buffer.epoch, sequence: Int64.random(in: 0...buffer.newest, using: &random))
            guard let name = names.randomElement(using: &random),
                try await buffer.consumer(name) != nil
            else { return try await seal(into: buffer) }
            let answer = try await buffer.acknowledge(cursor, for: name, ifMatch: nil)
            journal.answer(acknowledged: answer.consumer)
        case 6: _ = try await buffer.remove(names[Int.random(in: 0..<2, using: &random)])
        case 7 where kind != .ring, 8..<14 where kind == .restarting:
            await buffer.close()
            self.buffer = nil
            self.buffer = try BatchBuffer(Self.settings(directory))
        default: try await seal(into: buffer)
        }
    }

    private mutating func seal(into buffer: BatchBuffer) async throws(BufferError) {
        let isTransition = Int.random(in: 0..<8, using: &random) == 0
        let records =
            isTransition
            ? numbered.transition(at: time)
            : numbered.next(Int.random(in: 1...20, using: &random), bytes: textBytes(), at: time)
        var losses: [Loss] = []
        if Int.random(in: 0..<8, using: &random) == 0 {
            losses.append(
                Loss(
                    records: Int.random(in: 1...100, using: &random), first: time, last: time,
                    reason: .notStored))
        }
        journal.answer(
            sealed: try await buffer.seal(
                records, sealed: time, clock: .synced, losses: losses),
            transitions: isTransition ? 1 : 0, told: losses)
    }

    private mutating func textBytes() -> Int {
        switch kind {
        case .acknowledging, .restarting: Int.random(in: 0...2_000, using: &random)
        case .ring: Int.random(in: 10_000...60_000, using: &random)
        case .checkpointing: Int.random(in: 1_000...120_000, using: &random)
        }
    }
}
