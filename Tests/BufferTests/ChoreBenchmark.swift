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

    /// Signals that are read each second, sealed every 10 s or every minute; `MILLPOND_PURGE` says how
    /// many megabytes of them.
    @Test(arguments: [(devices: 1, seconds: 10), (25, 10), (25, 60)])
    func `a purge of what was acknowledged, piece by piece`(
        devices: Int, seconds: Int
    ) async throws {
        let megabytes = getenv("MILLPOND_PURGE").flatMap { Int(String(cString: $0)) } ?? 1_000
        let scratch = try Scratch()
        let settings = scratch.settings(limit: 2 << 30, keep: .zero)
        let filled = try Self.fill(settings, megabytes << 20, devices: devices, seconds: seconds)
        let store = try Store(settings, boot: "")
        _ = try store.register("mes", start: .earliest)
        _ = try store.acknowledge(store.reached, for: "mes", ifMatch: nil)
        var pieces: [Duration] = []
        var isMore = true
        let clock = ContinuousClock()
        let worked = Benchmark.cpu()
        while isMore { pieces.append(clock.measure { isMore = store.upkeep() == .zero }) }
        let work = Benchmark.cpu() - worked
        let total = pieces.reduce(.zero, +)
        let sorted = pieces.sorted()
        print(
            """
            purge of \(filled.batches) batches of \(filled.readings / filled.batches) readings, \
            \(megabytes) MB: \(pieces.count) pieces, mean \(total / pieces.count), \
            p99 \(sorted[sorted.count * 99 / 100]), longest \(sorted.last ?? .zero); \
            \(Int(total / .nanoseconds(1)) / filled.readings) ns a reading, \
            \(work / filled.readings) of them CPU
            """)
        try store.close()
        Books.count(in: settings.directory) { filled.readings }
    }

    /// Fills a buffer with the same few batches again and again: only what deleting costs matters.
    private static func fill(
        _ settings: BatchBuffer.Settings, _ bytes: Int, devices: Int, seconds: Int
    ) throws -> (batches: Int, readings: Int) {
        let store = try Store(settings, boot: "")
        var data = PlantData(devices: devices)
        for number in 0..<64 {
            let records = Records(data.next(seconds: seconds))
            _ = try store.seal(
                records, sealed: .start + number * seconds, monotonic: nil, clock: .synced,
                losses: [])
        }
        let (one, database) = (store.holding.totals, store.database)
        let copies = bytes / Int(one.bytes)
        for copy in 1..<copies {
            try database.transaction { () throws(BufferError) in
                try database.run(
                    """
                    INSERT INTO batch SELECT seq + 64 * ?1, sealed_ms, first_ms, last_ms, records,
                    readings, lines, total_records + ?1 * ?2, total_readings + ?1 * ?2,
                    total_bytes + ?1 * ?3, payload, transitions, elapsed_ms, gathered_ms
                    FROM batch WHERE seq <= 64
                    """, .integer(Int64(copy)), .integer(one.records), .integer(one.bytes))
                try database.run("UPDATE tally SET produced = produced + ?", .integer(one.records))
            }
            try store.checkpointIfDue()
        }
        // Closed as it would be after a crash: the next one reads what is there.
        return (copies * 64, copies * Int(one.records))
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
