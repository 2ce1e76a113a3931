// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment
import Synchronization

/// Opens a buffer after a power cut and holds it against what was promised.
struct Judge {
    let journal: Journal
    /// What had been acknowledged; `nil` while nothing was.
    let acknowledged: Journal.Truth?
    /// What the call that was under way would have come to; `nil` if there was none.
    let reached: Journal.Truth?
    /// And what that would have that an earlier power cut ended, which this one found a recovery after.
    var interrupted: Journal.Truth?
    /// What was refused and may be there all the same, while nothing was acknowledged after it.
    var attempt: Attempt?
    /// Whether bytes were damaged: what is gone may stand as lost for it, with its exact count.
    var isRotten = false
    /// How many batches that can have cost at most, and whether the newest have vanished without a
    /// trace but the mark.
    var costs = Int.max
    var isCut = false

    /// What a call that failed would have come to.
    struct Attempt: Sendable {
        var content: Content?
        var consumers: [String: Int64]
    }

    /// What was found, to hold later cuts against: all that was there is on disk.
    struct Found: Sendable {
        var truth: Journal.Truth
        /// With what the workload had not come to: what was brought back, and the judge's own.
        var journal: Journal
    }

    /// A promise that was broken.
    struct Broken: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    /// Opens the buffer, waits for what it brings back, reads all of it, seals three batches more,
    /// closes and verifies it. `found` is called when all was read, and when all was sealed.
    func judge(
        _ directory: String, found: (Journal.Truth) -> Void
    ) async throws -> Found {
        let told = Told()
        let buffer = try BatchBuffer(
            Workload.settings(directory, limit: journal.limit, whenFull: journal.whenFull)
        ) { told.add($0) }
        do {
            try await buffer.settle()
            var examination = try Examination(self, of: buffer.epoch)
            try await examination.read(buffer)
            if isRotten { try examination.holdConsumers(against: told.events) }
            found(examination.truth)
            try await sealThree(into: buffer, &examination.journal, &examination.truth)
            found(examination.truth)
            await buffer.close()
            try Self.verify(directory, newest: examination.truth.newest)
            return Found(truth: examination.truth, journal: examination.journal)
        } catch {
            await buffer.close()
            throw error
        }
    }

    private func sealThree(
        into buffer: BatchBuffer, _ journal: inout Journal, _ truth: inout Journal.Truth
    ) async throws {
        let time = Timestamp(milliseconds: 1_795_200_000_000)
        var numbered = Numbered(seed: 0)
        for _ in 0..<3 {
            let made = numbered.next(3, bytes: 40, at: time)
            let head = try await buffer.seal(
                made.records, sealed: time, clock: .synced, losses: [])
            journal.answer(sealed: head, of: made)
            truth = try await journal.follow(buffer, from: truth)
        }
    }

    private static func verify(_ directory: String, newest: Int64) throws {
        let report = try OfflineBuffer(directory: directory).verify()
        guard report.isSound, (report.database ?? []).isEmpty, report.newest == newest else {
            throw Broken("not sound: \(report)")
        }
    }
}

/// What a buffer has told of itself.
final class Told: Sendable {
    private let all = Mutex<[BufferEvent]>([])
    var events: [BufferEvent] { all.withLock(\.self) }
    func add(_ event: BufferEvent) { all.withLock { $0.append(event) } }
}

extension Journal {
    /// How a buffer stands after `truth` and one call; what has come between is the buffer's own
    /// work, and nothing that was refused.
    mutating func follow(_ buffer: BatchBuffer, from truth: Truth) async throws -> Truth {
        let answered = sealed
        var now = try await look(at: buffer, after: truth.newest)
        guard now.epoch == truth.epoch, now.newest >= truth.newest,
            answered.allSatisfy({ $0.sequence > truth.newest })
        else { throw Judge.Broken("newest is \(now.newest) after \(truth.newest)") }
        for sequence in stride(from: truth.newest + 1, through: now.newest, by: 1) {
            let cursor = Cursor(epoch: now.epoch, sequence: sequence)
            guard answered.contains(cursor) || contents[cursor]?.origin != .sealed else {
                throw Judge.Broken("newest is \(now.newest) after \(truth.newest): was it told?")
            }
        }
        (now.spoiled, now.ruin) = (truth.spoiled, truth.ruin)
        return now
    }
}

extension BatchBuffer {
    /// Waits until nothing is owed of epochs before this one.
    func settle() async throws(BufferError) {
        // Whatever is asked of the writer lets it salvage some more; when it answers, all have heard
        // of what it did before.
        repeat { try await interrupt(after: 0) } while try await state().owedRecords > 0
        try await interrupt(after: 0)
    }
}
