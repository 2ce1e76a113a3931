// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

/// A buffer as a crash leaves it, three batches in its file and three in its log, to be damaged
/// again and again.
struct Crashed {
    private static let counts = [1, 40, 2, 3, 400, 5]
    private let scratch: Scratch
    private let settings: BatchBuffer.Settings
    private let epoch: Epoch
    /// The seal of each batch, by sequence.
    private var seals: [Int64: String] = [:]
    private var records: Int { Self.counts.reduce(0, +) }

    /// What it is like before any damage.
    var before: String { scratch.path + "/before" }

    /// What may come of damage.
    enum Outcome {
        /// Everything is there, in its epoch.
        case whole
        /// Everything is there or told as lost, in its epoch or after a replacement.
        case counted(mayRefuse: Bool)
        /// It opens, and says that nobody knows.
        case unknown
    }

    /// Beside the state `before` there are `first`, before the first batch was in the file, and
    /// `older`, one batch into the last log.
    init(_ scratch: Scratch) async throws {
        self.scratch = scratch
        settings = scratch.settings()
        let path = scratch.path
        var buffer = try BatchBuffer(settings)
        epoch = buffer.epoch
        for (index, count) in Self.counts.enumerated() {
            if index == 3 {
                _ = try shell("cp -r '\(path)/buffer' '\(path)/first'")
                await buffer.close()
                buffer = try BatchBuffer(settings)
            }
            let head = try await buffer.seal(count, at: .start + index)
            seals[head.cursor.sequence] = head.sha256
            if index == 3 { _ = try shell("cp -r '\(path)/buffer' '\(path)/older'") }
        }
        // The reserve says nothing by its bytes, and would be copied each time.
        _ = try shell(
            """
            cd '\(path)' && cp -r buffer before && touch before/learnt.yaml \
            && : > before/millpond.reserve
            """)
        await buffer.close()
        Books.atEnd { _ = try? shell("cd '\(path)' && rm -rf buffer && cp -r before buffer") }
    }

    /// Damages it, opens it, and holds what is there against what there was; how many sequences
    /// are lost.
    @discardableResult
    func meet(
        _ script: String, _ what: String, expecting outcome: Outcome
    ) async throws -> Int {
        _ = try shell(
            """
            cd '\(scratch.path)' && rm -rf buffer && cp -r before buffer && cd buffer \
            && (\(script)) 2>&1
            """)
        let events = Events()
        let buffer: BatchBuffer
        do {
            buffer = try BatchBuffer(settings) { event in events.add(event) }
        } catch {
            guard case .counted(mayRefuse: true) = outcome,
                case .unusable(_, .newerSchema) = error
            else {
                Issue.record("\(what): \(error)")
                return 0
            }
            return 0
        }
        if case .unknown = outcome {
            // The log tells of batches, and whose they are; nothing tells of the rest.
            let isDamaged = events.all.contains { event in
                switch event {
                case .replaced, .unrecognised: true
                default: false
                }
            }
            #expect(events.all.contains(.markMade))
            #expect(isDamaged == !FileSystem.names(in: settings.directory + "/quarantine").isEmpty)
            await buffer.close()
            return 0
        }
        // What reading finds out may be salvaged first.
        _ = try await buffer.allPages()
        try await buffer.isSalvaged()
        let page = try await buffer.allPages()
        let told = "\(what): \(page.lost) \(events.all)"
        #expect(page.counts.read + page.counts.lost == records, "\(told)")
        #expect(page.sequences == page.sequences.indices.map { Int64($0) + 1 }, "\(told)")
        let isReplaced = events.all.contains { if case .replaced = $0 { true } else { false } }
        #expect(isReplaced == (buffer.epoch != epoch), "\(told)")
        if case .whole = outcome { #expect(page.counts.read == records && !isReplaced, "\(told)") }
        for batch in page.batches {
            let was = isReplaced ? batch.head.salvaged : batch.head.cursor
            #expect(
                was?.epoch == epoch && seals[was?.sequence ?? 0] == batch.head.sha256, "\(told)")
        }
        let returned = Set(page.batches.map { $0.head.salvaged ?? $0.head.cursor })
        #expect(returned.count == page.batches.count, "nothing comes twice: \(told)")
        // Not in the books: the next damage is to the same state.
        let next = try await buffer.seal(
            Records([reading(0)]), sealed: .start + 100, clock: .synced, losses: [])
        #expect(next.cursor.sequence == Int64(page.sequences.count) + 1, "\(told)")
        if !isReplaced { #expect(next.cursor.sequence == 7, "no sequence twice: \(told)") }
        await buffer.close()
        return page.sequences.count - page.batches.count
    }
}
