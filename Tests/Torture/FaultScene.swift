// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment

/// One thing that a gateway does, and what has to be there before it.
enum FaultScene: String, CaseIterable, Sendable {
    case create, open, recover, seal, transition, register, acknowledge, remove
    /// The acknowledged go, fifty at a time and more.
    case retention
    /// The limit takes the oldest.
    case ring
    /// The log has grown so far that it is worked off.
    case checkpoint
    case close

    /// Whether the buffer is open before the fault strikes.
    var isOpen: Bool { ![.create, .open, .recover].contains(self) }

    /// Whether its call is a seal.
    var isSeal: Bool { [.seal, .transition, .retention, .ring, .checkpoint].contains(self) }

    static let time = Timestamp(milliseconds: 1_795_136_633_004)
    static let consumer = "erp"

    /// What keeps acknowledged batches in all scenes but the one in which they go.
    var settings: Duration { self == .retention ? .zero : .seconds(3_600) }

    /// Does all that comes before, in an empty directory.
    func prepare(
        _ buffer: BatchBuffer, _ numbered: inout Numbered, _ journal: inout Journal
    ) async throws(BufferError) {
        func seal(_ count: Int, _ bytes: Int) async throws(BufferError) {
            for _ in 0..<count {
                journal.answer(sealed: try await Self.seal(into: buffer, &numbered, bytes: bytes))
            }
        }
        switch self {
        case .create: return
        case .retention:
            try await seal(2 * 50 + 5, 0)
            try await buffer.register(Self.consumer, start: .earliest)
        case .ring:
            try await seal(30, 45_000)
        case .checkpoint:
            try await seal(9, 110_000)
        case .register:
            try await seal(3, 500)
        default:
            try await seal(3, 500)
            try await buffer.register(Self.consumer, start: .earliest)
        }
    }

    /// The thing itself; `buffer` is open if `isOpen`, and open afterwards unless it was closed.
    func act(
        on buffer: inout BatchBuffer?, in directory: String, _ numbered: inout Numbered,
        _ journal: inout Journal
    ) async throws(BufferError) {
        guard let open = buffer else {
            buffer = try BatchBuffer(Workload.settings(directory, keep: settings))
            return
        }
        func seal(_ bytes: Int) async throws(BufferError) {
            journal.answer(sealed: try await Self.seal(into: open, &numbered, bytes: bytes))
        }
        switch self {
        case .create, .open, .recover: break
        case .seal: try await seal(3_000)
        case .retention:
            let answer = try await open.acknowledge(
                Cursor(epoch: open.epoch, sequence: open.newest), for: Self.consumer,
                ifMatch: nil)
            journal.answer(acknowledged: answer.consumer)
            try await seal(3_000)
        case .ring: try await seal(45_000)
        case .checkpoint: try await seal(110_000)
        case .transition:
            journal.answer(
                sealed: try await open.seal(
                    numbered.transition(at: Self.time), sealed: Self.time, clock: .synced,
                    losses: []), transitions: 1)
        case .register: try await open.register(Self.consumer, start: .earliest)
        case .acknowledge:
            let answer = try await open.acknowledge(
                Cursor(epoch: open.epoch, sequence: 2), for: Self.consumer, ifMatch: nil)
            journal.answer(acknowledged: answer.consumer)
        case .remove: _ = try await open.remove(Self.consumer)
        case .close:
            await open.close()
            buffer = nil
        }
    }

    @discardableResult
    static func seal(
        into buffer: BatchBuffer, _ numbered: inout Numbered, bytes: Int
    ) async throws(BufferError) -> BatchHead {
        try await buffer.seal(
            numbered.next(5, bytes: bytes, at: time), sealed: time, clock: .synced, losses: [])
    }
}
