// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment

/// One thing that a gateway does, and what has to be there before it.
enum FaultScene: String, CaseIterable, Sendable {
    case create, open, recover, migrate
    /// The database is damaged: it goes into quarantine.
    case quarantine
    /// And what it holds is brought back.
    case salvage
    case seal, transition, register, acknowledge, remove
    /// The acknowledged go, fifty at a time and more.
    case retention
    /// The limit takes the oldest.
    case ring
    /// The same, and summaries are left of it.
    case condense
    /// The check in the background finds a damaged batch.
    case scrub
    /// The log has grown so far that it is worked off.
    case checkpoint
    case close

    /// Whether the buffer is open before the fault strikes.
    var isOpen: Bool {
        ![.create, .open, .recover, .migrate, .quarantine, .salvage].contains(self)
    }

    /// Whether its call is a seal.
    var isSeal: Bool {
        [.seal, .transition, .retention, .ring, .condense, .checkpoint].contains(self)
    }

    static let time = Timestamp(milliseconds: 1_795_136_633_004)
    static let consumer = "erp"

    /// What keeps acknowledged batches in all scenes but the one in which they go.
    private var keep: Duration { self == .retention ? .zero : .seconds(3_600) }

    func settings(_ directory: String) -> BatchBuffer.Settings {
        Workload.settings(directory, keep: keep, whenFull: self == .condense ? .thin : .drop)
    }

    /// Does all that comes before, in an empty directory.
    func prepare(
        _ buffer: BatchBuffer, _ numbered: inout Numbered, _ journal: inout Journal
    ) async throws(BufferError) {
        func seal(_ count: Int, _ bytes: Int, _ readings: Int = 5) async throws(BufferError) {
            for _ in 0..<count {
                try await Self.seal(
                    into: buffer, &numbered, &journal, bytes: bytes, readings: readings)
            }
        }
        switch self {
        case .create: return
        case .retention:
            try await seal(2 * 50 + 5, 0)
            try await buffer.register(Self.consumer, start: .earliest)
        case .ring: try await seal(30, 45_000)
        case .condense: try await seal(30, 45_000, 60)
        case .register: try await seal(3, 500)
        case .scrub: try await seal(5, 20_000)
        default:
            try await seal(3, 500)
            try await buffer.register(Self.consumer, start: .earliest)
        }
    }

    /// What becomes of the closed buffer's files before the scene.
    func harm(_ directory: String, _ journal: inout Journal) throws(TortureError) {
        var random = Seeded(7)
        let database = directory + "/millpond.db"
        switch self {
        case .migrate:
            try FirstSchema.takeBack(directory)
            _ = journal.expect { $0.consumers[FirstSchema.consumer] = 0 }
        case .quarantine, .salvage:
            try Ruin.header.strike(database, &random)
            _ = journal.expect { $0.ruin = .header }
        case .scrub:
            guard try Ruin.spoilBatch(in: database, &random) else { return }
            _ = journal.expect { $0.spoiled = 1 }
        default: break
        }
    }

    /// The thing itself; `buffer` is open if `isOpen`, and open afterwards unless it was closed.
    func act(
        on buffer: inout BatchBuffer?, in directory: String, _ numbered: inout Numbered,
        _ journal: inout Journal
    ) async throws(BufferError) {
        guard let open = buffer else {
            let made = try BatchBuffer(settings(directory))
            buffer = made
            if self == .salvage { try await Self.salvage(made) }
            return
        }
        func seal(_ bytes: Int, _ readings: Int = 5) async throws(BufferError) {
            try await Self.seal(
                into: open, &numbered, &journal, bytes: bytes, readings: readings)
        }
        switch self {
        case .create, .open, .recover, .migrate, .quarantine, .salvage: break
        case .seal: try await seal(3_000)
        case .retention:
            try await Self.acknowledge(open.newest, in: open, &journal)
            try await seal(3_000)
        case .ring: try await seal(45_000)
        case .condense: try await seal(45_000, 60)
        case .checkpoint: try await seal(12_000)
        case .scrub: try await open.scrubNow()
        case .transition:
            let made = numbered.transition(at: Self.time)
            let head = try await open.seal(
                made.records, sealed: Self.time, clock: .synced, losses: [])
            journal.answer(sealed: head, of: made)
        case .register: try await open.register(Self.consumer, start: .earliest)
        case .acknowledge: try await Self.acknowledge(2, in: open, &journal)
        case .remove: _ = try await open.remove(Self.consumer)
        case .close:
            await open.close()
            buffer = nil
        }
    }
}

extension FaultScene {
    static func seal(
        into buffer: BatchBuffer, _ numbered: inout Numbered, _ journal: inout Journal,
        bytes: Int, readings: Int = 5
    ) async throws(BufferError) {
        let made = numbered.next(readings, bytes: bytes, at: time)
        let head = try await buffer.seal(made.records, sealed: time, clock: .synced, losses: [])
        journal.answer(sealed: head, of: made)
    }

    private static func acknowledge(
        _ sequence: Int64, in buffer: BatchBuffer, _ journal: inout Journal
    ) async throws(BufferError) {
        let cursor = Cursor(epoch: buffer.epoch, sequence: sequence)
        let answer = try await buffer.acknowledge(cursor, for: consumer, ifMatch: nil)
        journal.answer(acknowledged: answer.consumer)
    }

    /// Gives it time to be done, and no more of it where it fails.
    private static func salvage(_ buffer: BatchBuffer) async throws(BufferError) {
        for _ in 0..<20 where try await buffer.state().owedRecords > 0 {
            try await buffer.interrupt(after: 0)
        }
    }
}
