// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment
import Testing

@testable import Acquisition

struct GatheringTests {
    private func record(_ second: Double) -> Entry {
        Entry(.stopped, at: Moment.at(second).time)
    }

    private func gathering(_ count: Int, every: Duration = .seconds(10)) -> Gathering {
        var gathering = Gathering(of: Roster([]), every: every)
        // A record each millisecond, made from a few, because making them is what takes time.
        let records = (0..<1000).map { record(Double($0) / 1000) }
        for index in 0..<count { gathering.add(note: records[index % 1000], at: .zero) }
        return gathering
    }

    @Test func `a batch is due by the age of its oldest record`() {
        var gathering = Gathering(of: Roster([]), every: .seconds(10))
        #expect(gathering.due(at: .seconds(100)) == nil, "nothing is nothing to seal")
        gathering.add(note: record(5), at: .seconds(5))
        gathering.add(note: record(14), at: .seconds(14))
        #expect(gathering.due(at: .milliseconds(14_999)) == nil)
        #expect(gathering.due(at: .seconds(15))?.records.count == 2)
    }

    @Test func `a batch is due at the last look at which nothing of it is too old`() {
        let gathering = gathering(1)
        func isDue(at now: Int, before next: Int) -> Bool {
            gathering.due(at: .milliseconds(now), before: .milliseconds(next)) != nil
        }
        #expect(!isDue(at: 9_600, before: 9_800))
        #expect(!isDue(at: 9_800, before: 10_000), "as old as it may be, and no older")
        #expect(isDue(at: 9_801, before: 10_001))
    }

    @Test func `a batch is due by size, and no larger than that`() throws {
        #expect(gathering(Gathering.plenty - 1).due(at: .zero) == nil)
        #expect(gathering(Gathering.plenty).due(at: .zero)?.records.count == Gathering.plenty)
        var gathering = gathering(Gathering.batchLimit + 5)
        let batch = try #require(gathering.due(at: .zero))
        #expect(batch.records.count == Gathering.batchLimit)
        _ = gathering.sealed(batch, at: .zero)
        #expect(gathering.waiting == 5)
        #expect(gathering.due(at: .seconds(10)) != nil, "the rest is as old as it was")
    }

    @Test func `a hurried batch is due at once, but not twice within a second`() throws {
        var gathering = gathering(1)
        gathering.hurry()
        let first = try #require(gathering.due(at: .milliseconds(100)))
        _ = gathering.sealed(first, at: .milliseconds(100))
        gathering.add(note: record(0.2), at: .milliseconds(200))
        gathering.hurry()
        #expect(gathering.due(at: .milliseconds(1099)) == nil)
        #expect(gathering.due(at: .milliseconds(1100)) != nil)
    }

    @Test func `a step of the wall clock hurries the batch and marks only that one`() throws {
        var gathering = gathering(1)
        gathering.step()
        let across = try #require(gathering.due(at: .zero))
        #expect(across.clock == .stepped)
        _ = gathering.sealed(across, at: .zero)
        gathering.add(note: record(1), at: .seconds(1))
        #expect(gathering.due(at: .seconds(11))?.clock == .synced)
    }

    @Test func `after a failure the records wait for a retry, told once`() throws {
        var gathering = gathering(3)
        #expect(gathering.due(at: .seconds(10)) != nil)
        let isNews = gathering.failed(at: .seconds(10))
        #expect(isNews)
        #expect(gathering.due(at: .milliseconds(10_999)) == nil)
        let isNewsAgain = gathering.failed(at: .seconds(11))
        #expect(!isNewsAgain)
        let batch = try #require(gathering.due(at: .seconds(12)))
        #expect(batch.records.count == 3)
        let outage = gathering.sealed(batch, at: .seconds(12))
        #expect(outage == .seconds(2))
        #expect(gathering.outage(at: .seconds(13)) == nil)
    }

    @Test
    func `beyond the bound the oldest are lost, counted exactly, and told with the next seal`()
        throws
    {
        var gathering = gathering(Gathering.waitingLimit)
        _ = gathering.failed(at: .zero)
        let none = gathering.trim()
        #expect(none == nil)
        gathering.add(note: record(3600), at: .seconds(3600))
        let dropped = gathering.trim()
        let loss = try #require(dropped)
        #expect(loss.records == Gathering.batchLimit + 1)
        #expect(loss.first == Moment.at(0).time)
        #expect(loss.last == Moment.at(0.999).time)
        #expect(loss.reason == .notStored)
        let batch = try #require(gathering.due(at: .seconds(3600)))
        #expect(batch.losses == [loss])
        _ = gathering.sealed(batch, at: .seconds(3600))
        #expect(gathering.due(at: .seconds(3600))?.losses == [])
    }

    @Test func `a batch too big for the buffer is halved until it fits, and one record is lost`()
        throws
    {
        var gathering = gathering(4)
        for size in [4, 2, 1] {
            let batch = try #require(gathering.due(at: .seconds(10)))
            #expect(batch.records.count == size)
            let loss = gathering.tooBig(batch)
            #expect(loss?.records == (size == 1 ? 1 : nil))
        }
        #expect(gathering.counts.lost == 1 && gathering.waiting == 3)
        let batch = try #require(gathering.due(at: .seconds(10)))
        _ = gathering.sealed(batch, at: .seconds(10))
        #expect(gathering.due(at: .seconds(10))?.records.count == 2, "the next is whole again")
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `produced is sealed, waiting or lost, whatever happens`(seed: UInt64) {
        var dice = Dice(seed: seed)
        var gathering = Gathering(of: Roster([]), every: .seconds(2))
        var stored = 0
        var told = 0
        var fails = false
        for second in 0..<150 {
            let now = Duration.seconds(second)
            if Int.random(in: 0..<20, using: &dice) == 0 { fails.toggle() }
            let record = record(Double(second))
            for _ in 0..<Int.random(in: 0...4000, using: &dice) {
                gathering.add(note: record, at: now)
            }
            if Int.random(in: 0..<10, using: &dice) == 0 {
                let time = Moment.at(Double(second)).time
                gathering.lose(Loss(records: 7, first: time, last: time, reason: .notStored))
            }
            _ = gathering.trim()
            while let batch = gathering.due(at: now) {
                guard !fails else {
                    _ = gathering.failed(at: now)
                    break
                }
                stored += batch.records.count
                told += batch.losses.reduce(0) { $0 + $1.records }
                _ = gathering.sealed(batch, at: now)
            }
            let counts = gathering.counts
            #expect(counts.produced == counts.sealed + gathering.waiting + counts.lost)
            #expect(counts.sealed == stored)
            #expect(counts.lost == told + (gathering.loss?.records ?? 0))
            #expect(gathering.waiting <= Gathering.waitingLimit)
        }
    }
}

struct MailboxTests {
    private func report(
        _ count: Int, at second: Double, devices: [Report.DeviceChange] = []
    ) -> Report {
        var report = Report(line: 0, at: .at(second))
        report.observations = (0..<count).map { .init(signal: $0, content: .bad(.noAnswer)) }
        report.devices = devices
        return report
    }

    @Test func `a full mailbox loses what comes, counts it, and keeps the news`() {
        let mailbox = Mailbox(limit: 10)
        for second in 0..<3 { mailbox.post(report(4, at: Double(second))) }
        mailbox.post(report(4, at: 3, devices: [.init(device: 0, state: .offline)]))
        let contents = mailbox.empty()
        #expect(contents.reports.map(\.observations.count) == [4, 4, 0])
        #expect(contents.reports.map(\.devices.count) == [0, 0, 1])
        #expect(
            contents.loss
                == Loss(
                    records: 8, first: Moment.at(2).time, last: Moment.at(3).time,
                    reason: .notStored))
        mailbox.post(report(10, at: 5))
        #expect(mailbox.empty().loss == nil, "it was emptied")
    }
}
