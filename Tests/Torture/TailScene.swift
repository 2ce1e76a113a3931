// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment

/// A buffer whose log holds one of everything that a log can hold, as a killed gateway leaves it:
/// batches, a loss that was told, the oldest condensed, acknowledgements, what goes after them, a
/// consumer that came, one that went, and one that went and came back.
struct TailScene {
    private(set) var image = Image()
    private(set) var journal = Journal()
    private var numbered = Numbered(seed: 7)
    private let work: String

    /// So small that a few dozen batches fill it.
    private static let limit = 192 << 10

    init(folder: String) async throws {
        work = folder + "/work"
        Folder.renew(work)
        (journal.whenFull, journal.limit) = (.thin, Self.limit)
        try await fill()
        try await write()
    }

    private func open() throws(BufferError) -> BatchBuffer {
        try BatchBuffer(
            Workload.settings(
                work + Folder.state, keep: .zero, limit: Self.limit, whenFull: .thin))
    }

    /// A full ring, and a log that is worked off.
    private mutating func fill() async throws {
        let buffer = try open()
        for name in ["erp", "historian", "mes"] {
            try await buffer.register(name, start: .earliest)
        }
        try await sealUntilCondensed(into: buffer)
        await buffer.close()
    }

    private mutating func write() async throws {
        let buffer = try open()
        try await sealUntilCondensed(into: buffer)
        try await seal(into: buffer, told: 3)
        try await buffer.register("lims", start: .earliest)
        _ = try await buffer.remove("mes")
        let oldest = try await buffer.state().oldest
        for name in ["erp", "historian", "lims"] {
            try await acknowledge(oldest + 2, for: name, in: buffer)
        }
        _ = try await buffer.remove("lims")
        try await buffer.register("lims", start: .earliest)
        try await acknowledge(oldest + 4, for: "erp", in: buffer)
        try await acknowledge(oldest + 1, for: "lims", in: buffer)
        // What all have goes, after what was condensed.
        try await seal(into: buffer)
        image = try Image(of: work)
        let isGone = try await buffer.state().oldest > oldest
        precondition(isGone, "what all have goes")
        await buffer.close()
    }

    private mutating func sealUntilCondensed(into buffer: BatchBuffer) async throws {
        let before = journal.contents.values.count { $0.origin == .condensed }
        while journal.contents.values.count(where: { $0.origin == .condensed }) == before {
            try await seal(into: buffer, bytes: 4_000, readings: 60)
        }
    }

    private mutating func seal(
        into buffer: BatchBuffer, bytes: Int = 100, readings: Int = 5, told records: Int = 0
    ) async throws {
        let time = FaultScene.time
        let made = numbered.next(readings, bytes: bytes, at: time)
        let losses =
            records > 0
            ? [Loss(records: records, first: time, last: time, reason: .notStored)] : []
        let head = try await buffer.seal(
            made.records, sealed: time, clock: .synced, losses: losses)
        journal.answer(sealed: head, of: made, told: losses)
        _ = try await journal.learn(from: buffer)
    }

    private mutating func acknowledge(
        _ sequence: Int64, for name: String, in buffer: BatchBuffer
    ) async throws {
        let cursor = Cursor(epoch: buffer.epoch, sequence: sequence)
        journal.answer(
            acknowledged: try await buffer.acknowledge(cursor, for: name, ifMatch: nil).consumer)
        _ = try await journal.learn(from: buffer)
    }
}
