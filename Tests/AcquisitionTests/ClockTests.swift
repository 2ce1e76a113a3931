// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment
import Synchronization
import Testing

@testable import Acquisition
@testable import Plant

/// When synchronisation comes, and by how much the stamps before it were off.
struct SyncWatchTests {
    /// Where the wall clock stands, in seconds, and whether it is synchronised.
    private static func stand(_ seconds: Double) -> ClockStand {
        ClockStand(
            time: Timestamp(milliseconds: Int64(seconds * 1_000)), uptime: Uptime(milliseconds: 0))
    }

    @Test(
        arguments: [
            ("synchronised all the time", [(true, 0), (true, 0)], []),
            ("never synchronised", [(false, 0), (false, 9)], []),
            ("in one step", [(false, 0), (false, 0), (true, 1.8e9)], [1.8e9]),
            ("in a step before", [(false, 0), (false, -3_600), (true, -3_600)], [-3_600]),
            ("in movements too small to be steps", [(false, 0), (false, 0.1), (true, 0.2)], [0.2]),
            ("without a movement", [(false, 5), (true, 5), (true, 5)], [0]),
            ("what it moves afterwards is told by steps", [(false, 0), (true, 1), (true, 9)], [1]),
            ("twice", [(false, 0), (true, 1), (false, 1), (false, 3), (true, 4)], [1, 3]),
        ] as [(String, [(Bool, Double)], [Double])])
    func `the correction is what the clock was moved`(
        name: String, looks: [(Bool, Double)], corrections: [Double]
    ) {
        var watch = SyncWatch()
        let found = looks.compactMap { isSynced, seconds in
            watch.correction(isSynced ? .synced : .unsynced, at: Self.stand(seconds))
        }
        #expect(found == corrections.map { .seconds($0) })
    }
}

/// The collector on a clock that is not synchronised yet, with a real buffer.
@Suite(.conserving) struct UnsyncedCollectorTests {
    private let clock = ManualClock()
    private let temporary: TemporaryBuffer
    private let sync = Sync()

    private final class Sync: Sendable {
        let state = Mutex(ClockState.unsynced)
        let events = Mutex<[String]>([])
    }

    init() throws { temporary = try TemporaryBuffer() }

    private func collector() -> Collector {
        let configuration = LedgerTests.configuration()
        let (clock, sync) = (clock, sync)
        let boot = Boot(id: temporary.buffer.boot, started: Uptime(milliseconds: 60_000))
        let collector = Collector(
            Ledger(configuration, PollPlan(configuration), boot: boot, at: clock.now),
            sealEvery: configuration.buffer.sealEvery, buffer: temporary.buffer,
            now: { clock.now }, clockState: { sync.state.withLock(\.self) },
            tell: { event in sync.events.withLock { $0.append(event.summary) } })
        temporary.produced { collector.status }
        return collector
    }

    private func poll(_ collector: Collector, for seconds: Int) async {
        for _ in 0..<seconds {
            clock.move(by: .seconds(1))
            var report = Report(line: 0, at: clock.now)
            report.observations = [.init(signal: 1, content: .good(.number(1)))]
            collector.mailbox.post(report)
            await collector.collect()
        }
    }

    private func corrections() async throws -> [String] {
        try await temporary.records().compactMap { record in
            guard case .note(let entry) = record, entry.line.contains("clock-correction") else {
                return nil
            }
            return entry.line
        }
    }

    @Test func `the note says by how much, and every batch what it can be believed`() async throws {
        let collector = collector()
        await poll(collector, for: 15)
        clock.step(by: .seconds(3_600))
        await poll(collector, for: 15)
        sync.state.withLock { $0 = .synced }
        clock.step(by: .milliseconds(-200))
        await poll(collector, for: 15)
        await collector.finish()

        let batches = try await temporary.contents().batches
        #expect(
            batches.map(\.head.clock) == [
                .unsynced, .stepped, .unsynced, .unsynced, .synced, .synced,
            ])
        let note = try #require(await corrections().first)
        let boot = temporary.buffer.boot
        #expect(
            note == """
                {"type":"note","time":"\(Moment.at(3_630.8).time.rfc3339)",\
                "kind":"clock-correction","boot":"\(boot)","offset_ms":3599800,"monotonic":91000}
                """)
        #expect(
            sync.events.withLock(\.self) == [
                "clock stepped 3600.0 seconds", "clock corrected 3599.8 seconds",
            ])
        // As the README has it: from a batch's own pair of times and the note's, what is true.
        for batch in batches {
            let uptime = try #require(batch.head.monotonic).upperBound
            let truth = Moment.at(3_630.8).time.milliseconds - (91_000 - uptime.milliseconds)
            #expect(
                truth == Moment.at(Double(uptime.milliseconds) / 1_000 + 3_539.8).time.milliseconds)
        }
    }

    @Test func `synchronisation without a step is told as well`() async throws {
        let collector = collector()
        await poll(collector, for: 5)
        sync.state.withLock { $0 = .synced }
        await poll(collector, for: 5)
        await collector.finish()
        #expect(try await corrections().map { $0.contains(#""offset_ms":0,"#) } == [true])
    }

    @Test func `a clock that was synchronised all the time is not corrected`() async throws {
        sync.state.withLock { $0 = .synced }
        let collector = collector()
        await poll(collector, for: 30)
        await collector.finish()
        #expect(try await corrections().isEmpty)
    }

    @Test func `synchronisation that came between two runs is told by the second`() async throws {
        let first = collector()
        await first.resume()
        await poll(first, for: 5)
        await first.finish()
        clock.step(by: .seconds(86_400))
        sync.state.withLock { $0 = .synced }
        let second = collector()
        await second.resume()
        await poll(second, for: 5)
        await second.finish()
        #expect(try await corrections().map { $0.contains(#""offset_ms":86400000,"#) } == [true])
        let third = collector()
        await third.resume()
        await poll(third, for: 5)
        await third.finish()
        #expect(try await corrections().count == 1, "once is enough")
    }

    /// ±1 s, ±1 h, -7 days, and from 1970: nothing sticks, nothing hurries but once.
    @Test(arguments: [1, -1, 3_600, -3_600, -604_800, 1_795_132_800, -1_795_132_800])
    func `a step leaves sealing on its beat`(step: Int) async throws {
        let collector = collector()
        await poll(collector, for: 5)
        clock.step(by: .seconds(step))
        await poll(collector, for: 30)
        await collector.finish()
        let heads = try await temporary.contents().batches.map(\.head)
        #expect(heads.map(\.clock) == [.stepped, .unsynced, .unsynced, .unsynced])
        let sealed = heads.compactMap { $0.monotonic?.upperBound.milliseconds }
        #expect(sealed == [66_000, 77_000, 88_000, 95_000])
    }
}
