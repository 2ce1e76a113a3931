// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

/// How long whoever wants to write may have to wait for the writer's own work, and what deletion
/// costs a reading. Figures, not verdicts: printed, never asserted.
@Suite(.conserving, .serialized, .enabled(if: getenv("MILLPOND_BENCHMARKS") != nil))
struct ChoreBenchmark {
    private static let readingsOfABatch = 5_000

    @Test func `a purge of what was acknowledged, piece by piece`() async throws {
        let megabytes = getenv("MILLPOND_PURGE").flatMap { Int(String(cString: $0)) } ?? 1_000
        let scratch = try Scratch()
        let settings = scratch.settings(limit: 2 << 30, keep: .zero)
        let store = try Store(settings, boot: "")
        _ = try store.register("mes", start: .earliest)
        var data = PlantData()
        let runs = (0..<50).map { _ in Records(data.next(seconds: 10)) }
        let readings = runs[0].count
        var batches = 0
        while store.holding.totals.bytes < megabytes << 20 {
            _ = try store.seal(
                runs[batches % runs.count], sealed: .start + batches * 10, monotonic: nil,
                clock: .synced, losses: [])
            batches += 1
            while store.database.pagesInLog * Store.pageSize > Store.logTarget,
                store.upkeep() == .zero
            {}
        }
        _ = try store.acknowledge(store.reached, for: "mes", ifMatch: nil)
        var pieces: [Duration] = []
        var isMore = true
        let clock = ContinuousClock()
        while isMore {
            pieces.append(clock.measure { isMore = store.upkeep() == .zero })
        }
        let total = pieces.reduce(.zero, +)
        let sorted = pieces.sorted()
        print(
            """
            purge of \(batches) batches of \(readings) readings, \(megabytes) MB: \
            \(pieces.count) pieces, mean \(total / pieces.count), \
            p99 \(sorted[sorted.count * 99 / 100]), longest \(sorted.last ?? .zero); \
            \(Int(total / .nanoseconds(1)) / (batches * readings)) ns a reading
            """)
        try store.close()
        Books.count(in: settings.directory) { [batches] in batches * readings }
    }

    @Test func `each kind of piece`() async throws {
        let scratch = try Scratch()
        let settings = scratch.settings(limit: 1 << 30, keep: .zero)
        Books.count(in: settings.directory) { 4_000 * Self.readingsOfABatch }
        let store = try Store(settings, boot: "")
        var data = PlantData()
        let runs = (0..<50).map { _ in Records(data.next(seconds: 10)) }
        var spent: [String: [Duration]] = [:]
        let clock = ContinuousClock()
        func timed(_ name: String, _ body: () throws -> Void) rethrows {
            spent[name, default: []].append(try clock.measure(body))
        }
        for number in 0..<4_000 {
            try timed("seal") {
                _ = try store.seal(
                    runs[number % runs.count], sealed: .start + number * 10, monotonic: nil,
                    clock: .synced, losses: [])
            }
            if store.database.pagesInLog * Store.pageSize >= Store.logTarget {
                let log = open(store.directory.log, O_RDWR)
                timed("its fsync, of the log") { fsync(log) }
                close(log)
                try timed("checkpoint of 1 MiB") { try store.database.checkpoint(.passive) }
            }
        }
        for _ in 0..<40 {
            let removals = try store.removals(ofExcess: 1 << 20, at: .zero)
            try timed("removal of \(removals.count) batches") {
                try store.removeInOneStep(removals)
            }
            try store.checkpointIfDue()
        }
        for _ in 0..<40 {
            try timed("vacuum of 1,024 pages") {
                try store.database.execute("PRAGMA incremental_vacuum(1024)")
            }
            try store.checkpointIfDue()
        }
        for (name, times) in spent.sorted(by: { $0.key < $1.key }) {
            let sorted = times.sorted()
            print(
                "\(name): \(times.count) times, mean \(times.reduce(.zero, +) / times.count), "
                    + "p99 \(sorted[sorted.count * 99 / 100]), longest \(sorted.last ?? .zero)")
        }
        try store.close()
    }
}
