// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

/// How soon a gigabyte is ready, whatever is wrong with it, and how long anybody waits for a step of
/// what then brings it back. Figures, not verdicts: printed, never asserted.
@Suite(.conserving, .serialized, .enabled(if: getenv("MILLPOND_BENCHMARKS") != nil))
struct RotBenchmark {
    @Test func `time until a damaged buffer is ready`() async throws {
        let megabytes = getenv("MILLPOND_ROT").flatMap { Int(String(cString: $0)) } ?? 1_000
        let scratch = try Scratch()
        let settings = scratch.settings(limit: 2 << 30)
        let path = settings.directory
        let (batches, records) = try await fill(settings, megabytes << 20)
        print("\(megabytes) MiB in \(batches) batches, \(records) records:")
        try await Self.open(settings, "clean")
        let damage = [
            ("with a flipped page", "dd of=millpond.db bs=512 seek=1000000 conv=notrunc"),
            (
                "with a rotten log",
                "cp ../log millpond.db-wal && dd of=millpond.db-wal bs=1 seek=99999 conv=notrunc"
            ),
            ("with a damaged header", "dd of=millpond.db bs=1 conv=notrunc"),
        ]
        for (name, script) in damage {
            _ = try shell("cd '\(path)' && (printf 'rotten rotten rotten' | (\(script))) 2>&1")
            if name != "with a damaged header" { try await Self.open(settings, name) }
        }
        Books.tampered(path)
        try await Self.salvage(settings, "with a damaged header")
    }

    /// A step has one batch at least, however large; 100,000 records of a plant, and of what hardly
    /// compresses.
    @Test func `a step that brings back the largest batch`() throws {
        var data = PlantData()
        for (name, records) in [
            ("a plant's", Records(data.next(seconds: 200))), ("noisy", Self.noise()),
        ] {
            let settings = try Scratch().settings(limit: 1 << 30)
            try Self.fill(settings, with: records, times: 20)
            _ = try shell(
                "printf rotten | dd of='\(settings.directory)/millpond.db' conv=notrunc 2>&1")
            let again = try Store(settings, boot: "")
            let steps = Self.steps(of: again)
            print("\(name) batches of \(records.count) records: \(steps)")
            try again.close()
        }
    }

    /// Large batches that hardly compress, so that it is quick, and a log like a crash's.
    private func fill(
        _ settings: BatchBuffer.Settings, _ bytes: Int
    ) async throws -> (batches: Int, records: Int) {
        let store = try Store(settings, boot: "")
        let noise = Self.noise()
        var data = PlantData()
        let usual = Records(data.next(seconds: 10))
        var batches = 0
        var records = 0
        while store.holding.totals.bytes < bytes {
            let next = batches % 10 == 0 ? noise : usual
            _ = try store.seal(
                next, sealed: .start + batches, monotonic: nil, clock: .synced, losses: [])
            _ = store.upkeep()
            batches += 1
            records += next.count
        }
        _ = try shell("cp '\(settings.directory)/millpond.db-wal' '\(settings.directory)/../log'")
        try store.close()
        return (batches, records)
    }

    private static func fill(
        _ settings: BatchBuffer.Settings, with records: Records, times: Int
    ) throws {
        let store = try Store(settings, boot: "")
        for number in 0..<times {
            _ = try store.seal(
                records, sealed: .start + number, monotonic: nil, clock: .synced, losses: [])
            _ = store.upkeep()
        }
        try store.close()
        Books.count(in: settings.directory) { times * records.count }
    }

    private static func noise() -> Records {
        var random = Seeded(3)
        return Records(
            (0..<BatchCodec.maxRecords).map { index in
                let signal = Signal(
                    equipment: "press-1", device: "d", signal: "s\(index % 100)", unit: nil,
                    role: nil)
                let value = Double.random(in: 0...1, using: &random)
                return Record.reading(
                    Reading(
                        signal: signal, time: .start + index / 100,
                        content: .good(.number(value))))
            })
    }

    private static func open(_ settings: BatchBuffer.Settings, _ what: String) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let events = Events()
        let buffer = try BatchBuffer(settings) { event in events.add(event) }
        _ = try await buffer.state()
        let spent = clock.now - start
        print("ready \(what): \(spent); \(events.all.map(\.id))")
        await buffer.close()
    }

    private static func salvage(_ settings: BatchBuffer.Settings, _ what: String) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let store = try Store(settings, boot: "")
        print("ready \(what): \(clock.now - start)")
        let steps = steps(of: store)
        print(
            "salvaged after \(clock.now - start), of \(store.holding.totals.records) records; "
                + steps)
        try store.close()
    }

    /// Has the writer do all that it has to do by itself, and says how long each piece took.
    private static func steps(of store: Store) -> String {
        let clock = ContinuousClock()
        var steps: [Duration] = []
        var isMore = true
        while isMore {
            steps.append(clock.measure { isMore = store.upkeep() == .zero })
        }
        steps.sort()
        return "\(steps.count) steps, p99 \(steps[steps.count * 99 / 100]), "
            + "longest \(steps.last ?? .zero)"
    }
}
