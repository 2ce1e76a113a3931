// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment
import Synchronization
import Testing

@testable import Acquisition
@testable import Plant

/// The collector with a real buffer, in manual time.
@Suite(.conserving) struct CollectorTests {
    private let clock = ManualClock()
    private let temporary: TemporaryBuffer
    private let collector: Collector
    private let told = Told()

    private final class Told: Sendable {
        let events = Mutex<[String]>([])
    }

    init() throws {
        temporary = try TemporaryBuffer()
        collector = Self.collector(temporary.buffer, clock, told)
        let collector = collector
        temporary.produced { collector.status }
    }

    private static func collector(
        _ buffer: BatchBuffer, _ clock: ManualClock, _ told: Told
    ) -> Collector {
        let configuration = LedgerTests.configuration()
        return Collector(
            Ledger(configuration, PollPlan(configuration), boot: .sample, at: clock.now),
            sealEvery: configuration.buffer.sealEvery, buffer: buffer,
            now: { clock.now }, clockState: { .synced },
            tell: { event in told.events.withLock { $0.append(event.summary) } })
    }

    private var events: [String] { told.events.withLock(\.self) }

    private func post(_ contents: [Int: Reading.Content]) {
        var report = Report(line: 0, at: clock.now)
        report.observations = contents.sorted { $0.key < $1.key }
            .map { .init(signal: $0.key, content: $0.value) }
        collector.mailbox.post(report)
    }

    /// Milliseconds: the age at which a batch is sealed, and how long it may then be waited for.
    @Test(arguments: [
        (100, 50), (500, 50), (1000, 100), (2000, 200), (10_000, 200), (3_600_000, 200),
    ])
    func `a look is a tenth of what a batch may be old, within bounds`(_ age: Int, _ tick: Int) {
        #expect(Collector.tick(for: .milliseconds(age)) == .milliseconds(tick))
    }

    @Test func `what the largest plant reads between two looks fits into one batch`() {
        let mostASecond = Double(850 * 100)
        let longest = Collector.tick(for: .seconds(3600)) / .seconds(1)
        #expect(mostASecond * longest < Double(Gathering.batchLimit))
    }

    @Test func `readings are sealed when the oldest is ten seconds old`() async throws {
        for second in 0...10 {
            clock.move(to: .seconds(second))
            post([1: .good(.number(Double(second)))])
            await collector.collect()
            #expect(temporary.buffer.newest == (second < 10 ? 0 : 1))
        }
        let batch = try #require(await temporary.contents().batches.first)
        #expect(batch.head.records == 12, "eleven readings and a note")
        #expect(batch.head.clock == .synced)
        #expect(batch.head.sealed == Moment.at(10).time)
        #expect(
            batch.head.monotonic == Uptime(milliseconds: 60_000)...Uptime(milliseconds: 70_000))
    }

    /// Readings come whenever they come; looks are on a grid.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `no reading is ever older than it may be when its batch is sealed`(
        seed: UInt64
    ) async throws {
        var dice = Dice(seed: seed)
        let most = LedgerTests.configuration().buffer.sealEvery
        let tick = Collector.tick(for: most)
        var waiting: [Duration] = []
        var look = Duration.zero
        for _ in 0..<200 {
            let came = look + tick * Double.random(in: 0...1, using: &dice)
            clock.move(to: came)
            if Int.random(in: 0..<10, using: &dice) == 0 {
                post([1: .good(.number(1))])
                waiting.append(came)
            }
            look += tick
            clock.move(to: look)
            let before = temporary.buffer.newest
            await collector.collect()
            if temporary.buffer.newest > before { waiting = [] }
            if let oldest = waiting.first { #expect(look - oldest + tick <= most) }
        }
        #expect(temporary.buffer.newest > 2)
    }

    @Test func `what the buffer refuses at the stop is told, to the record`() async throws {
        // The books of this buffer know of nothing: what it refused is in no stream.
        let refusing = try TemporaryBuffer()
        let collector = Self.collector(refusing.buffer, clock, told)
        var report = Report(line: 0, at: clock.now)
        report.observations = [.init(signal: 1, content: .good(.number(1)))]
        collector.mailbox.post(report)
        try await refusing.buffer.interrupt(after: 1)
        await collector.finish()
        let status = collector.status
        #expect(status.lost == 3 && status.waiting == 0 && status.sealed == 0)
        #expect(events.last == "abandoned 3", "a reading and two notes")
        #expect(try await refusing.contents().batches.isEmpty)
    }

    @Test func `a dead device is in the stream once, then at a slow beat`() async throws {
        for second in 0..<300 {
            clock.move(to: .seconds(second))
            post([1: second < 5 ? .good(.number(1)) : .bad(.noAnswer)])
            await collector.collect()
        }
        await collector.finish()
        let contents = try await temporary.records().contents(of: "d2/status")
        #expect(contents.count { $0 == .good(.number(1)) } == 5)
        #expect(contents.count { $0 == .bad(.noAnswer) } == 5)
    }

    @Test func `a transition is on disk at once`() async throws {
        post([0: .good(.number(120)), 2: .good(.boolean(true))])
        await collector.collect()
        #expect(temporary.buffer.newest == 1)
        #expect(try await temporary.records().words.contains(#""to":"active""#))
        #expect(events == ["hot active"])
    }

    @Test func `a step of the wall clock is a note in a batch of its own kind`() async throws {
        post([1: .good(.number(1))])
        clock.step(by: .seconds(-90))
        await collector.collect()
        post([1: .good(.number(2))])
        await collector.finish()
        let batches = try await temporary.contents().batches
        #expect(batches.map(\.head.clock) == [.stepped, .synced])
        #expect(batches.flatMap(\.records).words == ["started", "clock-step", "stopped"])
        #expect(events == ["clock stepped -90.0 seconds"])
    }

    /// Fails at step N for ever larger N, until the seal survives; the buffer's own tests try
    /// every N.
    @Test func `records outlive a seal that fails, wherever it fails`() async throws {
        var failures = 0
        var steps = 1
        while true {
            try #require(steps < 1_000_000, "sealing never succeeds")
            steps += 1 + steps / 3
            try await temporary.buffer.interrupt(after: steps)
            post([1: .good(.number(Double(failures)))])
            clock.move(by: .seconds(20))
            let before = collector.status
            await collector.collect()
            let after = collector.status
            #expect(after.produced == after.sealed + after.waiting + after.lost)
            if after.waiting == 0 { break }
            failures += 1
            #expect(after.sealed == before.sealed && after.waiting == failures + 1)
        }
        try await temporary.buffer.interrupt(after: 0)
        await collector.finish()
        let (batches, lost) = try await temporary.contents()
        let status = collector.status
        #expect(failures > 5)
        #expect(lost == 0 && status.lost == 0)
        #expect(batches.reduce(0) { $0 + $1.head.records } == status.produced)
        let values = batches.flatMap(\.records).contents(of: "d2/status")
        #expect(values.map(\.value?.number) == (0...failures).map(Double.init))
        #expect(events.count == 2, "told when it begins and when it ends")
        #expect(events.last == "seal recovered")
    }

    @Test func `what overflows is in the stream as lost, to the record`() async throws {
        let answer = Dictionary(uniqueKeysWithValues: [(1, Reading.Content.good(.number(1)))])
        for _ in 0...Mailbox.limit { post(answer) }
        await collector.collect()
        await collector.finish()
        let (batches, lost) = try await temporary.contents()
        let stored = batches.reduce(0) { $0 + $1.head.records }
        let status = collector.status
        #expect(lost == status.lost && lost > 0)
        #expect(status.sealed == stored)
        #expect(stored + lost == Mailbox.limit + 3, "every reading, and two notes")
    }
}
