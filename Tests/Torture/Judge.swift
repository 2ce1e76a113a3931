// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment

/// Opens a buffer after a power cut and holds it against what was promised.
struct Judge {
    let journal: Journal
    /// What had been acknowledged; `nil` while nothing was.
    let acknowledged: Journal.Truth?
    /// What the call that was under way would have come to; `nil` if there was none.
    let reached: Journal.Truth?
    /// What was refused and may be there all the same, while nothing was acknowledged after it.
    var attempt: Attempt?
    /// Whether bytes were damaged: what is gone may stand as lost for it, with its exact count.
    var isRotten = false

    /// What a call that failed would have come to.
    struct Attempt: Sendable {
        var content: Journal.Content?
        var consumers: [String: Int64]
    }

    /// What was found, to hold later cuts against: all that was there is on disk.
    struct Found: Sendable {
        var truth: Journal.Truth
        /// Sequences that the workload had not come to, sealed by the judge.
        var journal: Journal
    }

    /// A promise that was broken.
    struct Broken: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    /// Opens the buffer, reads all of it, seals three batches more, closes and verifies it.
    /// `found` is called when all was read, and when all was sealed.
    func judge(
        _ directory: String, found: (Found) -> Void
    ) async throws -> Found {
        let buffer = try BatchBuffer(Workload.settings(directory))
        var journal = journal
        do {
            var truth = try await examine(buffer)
            found(Found(truth: truth, journal: journal))
            try await sealThree(into: buffer, &journal, &truth)
            found(Found(truth: truth, journal: journal))
            await buffer.close()
            try Self.verify(directory, newest: truth.newest)
            return Found(truth: truth, journal: journal)
        } catch {
            await buffer.close()
            throw error
        }
    }

    /// Reads the whole stream; what stands there and was promised otherwise is thrown.
    private func examine(_ buffer: BatchBuffer) async throws -> Journal.Truth {
        var truth = Journal.Truth(epoch: buffer.epoch, newest: buffer.newest)
        guard let reached = reached ?? acknowledged, truth.epoch == reached.epoch else {
            guard acknowledged == nil else { throw Broken("another epoch: \(buffer.epoch.text)") }
            guard truth.newest == 0 else { throw Broken("a new buffer begins at \(truth.newest)") }
            return truth
        }
        if let acknowledged, acknowledged.epoch != reached.epoch {
            throw Broken("epoch \(acknowledged.epoch.text) ended by itself")
        }
        let least = acknowledged?.newest ?? 0
        guard least <= reached.newest else {
            throw Broken("the workload's own newest went back from \(least) to \(reached.newest)")
        }
        guard (least...reached.newest).contains(truth.newest) else {
            throw Broken("newest is \(truth.newest), not in \(least)...\(reached.newest)")
        }
        var next: Int64 = 1
        var page: Page
        repeat {
            let after = Cursor(epoch: truth.epoch, sequence: next - 1)
            page = try await buffer.read(after: .after(after), limit: .max, maxBytes: .max)
            for item in page.items { try hold(item, &next, until: reached) }
        } while page.more && !page.items.isEmpty
        guard next == truth.newest + 1 else { throw Broken("the stream ends before \(next)") }
        truth.oldest = try await buffer.state().oldest
        for consumer in try await buffer.consumers() {
            truth.consumers[consumer.name] = consumer.cursor.sequence
        }
        // A cursor that rot took back costs its consumer a second reading, and no batch.
        if !isRotten { try holdConsumers(truth.consumers, until: reached) }
        return truth
    }

    private func hold(
        _ item: Page.Item, _ next: inout Int64, until reached: Journal.Truth
    ) throws {
        switch item {
        case .epoch(let from, let to, let reason):
            throw Broken("epoch \(from.text) went on as \(to.text), \(reason)")
        case .batch(let batch):
            let head = batch.head
            guard head.cursor.sequence == next else { throw Broken("\(head.cursor) after \(next)") }
            let promised = journal.contents[head.cursor]
            let found = Journal.Content(batch)
            let isNews = next > acknowledged?.newest ?? 0
            guard promised == found || isNews && found == attempt?.content else {
                throw Broken("\(head.cursor) is another batch than \(String(describing: promised))")
            }
            next += 1
        case .lost(let range):
            guard range.from.sequence == next else { throw Broken("\(range.from) after \(next)") }
            let sequences = range.from.sequence...range.to.sequence
            let gone = journal.records(range.from.epoch, sequences, takenFor: range.reason)
            guard gone == range.records else {
                throw Broken("\(range) has not so many records")
            }
            for sequence in sequences { try holdLost(sequence, range, until: reached) }
            next = range.to.sequence + 1
        }
    }

    /// What is lost was told as lost when it was sealed, or went by retention.
    private func holdLost(
        _ sequence: Int64, _ range: LostRange, until reached: Journal.Truth
    ) throws {
        let cursor = Cursor(epoch: range.from.epoch, sequence: sequence)
        if case .told = journal.contents[cursor], range.reason == .notStored { return }
        let isRead = [acknowledged, reached].contains { truth in
            truth?.consumers.values.min().map { sequence <= $0 } ?? false
        }
        switch range.reason {
        case .acknowledged where isRead || sequence < reached.oldest: return
        case .corruption where isRotten: return
        case .bufferLimit where sequence < reached.oldest: return
        default: throw Broken("\(cursor) is lost, \(range.reason.rawValue)")
        }
    }

    private func holdConsumers(
        _ found: [String: Int64], until reached: Journal.Truth
    ) throws {
        let before = acknowledged?.consumers ?? [:]
        let after = [reached.consumers] + (attempt.map { [$0.consumers] } ?? [])
        for (name, sequence) in before {
            guard let now = found[name] else {
                guard after.contains(where: { $0[name] == nil }) else {
                    throw Broken("consumer \(name) is gone")
                }
                continue
            }
            guard now >= sequence, now <= after.map({ $0[name] ?? sequence }).max() ?? sequence
            else { throw Broken("consumer \(name) stands at \(now), not at \(sequence)") }
        }
        for name in found.keys where before[name] == nil {
            guard after.contains(where: { $0[name] != nil }) else {
                throw Broken("consumer \(name) is back")
            }
        }
    }

    private func sealThree(
        into buffer: BatchBuffer, _ journal: inout Journal, _ truth: inout Journal.Truth
    ) async throws {
        let time = Timestamp(milliseconds: 1_795_200_000_000)
        var numbered = Numbered(seed: 0)
        for _ in 0..<3 {
            let head = try await buffer.seal(
                numbered.next(3, bytes: 40, at: time), sealed: time, clock: .synced, losses: [])
            guard head.cursor == Cursor(epoch: truth.epoch, sequence: truth.newest + 1) else {
                throw Broken("\(head.cursor) was sealed after \(truth.newest)")
            }
            truth.newest += 1
            journal.answer(sealed: head)
        }
        truth.oldest = try await buffer.state().oldest
    }

    private static func verify(_ directory: String, newest: Int64) throws {
        let report = try OfflineBuffer(directory: directory).verify()
        guard report.isSound, report.newest == newest else {
            throw Broken("not sound: \(report)")
        }
    }
}
