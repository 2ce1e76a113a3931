// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Acquisition

struct ScheduleTests {
    @Test func `everything is due at the start, then on its grid`() throws {
        var schedule = Schedule([
            .init(period: .seconds(1), phase: .milliseconds(250)),
            .init(period: .seconds(10), phase: .zero),
        ])
        #expect(schedule.polls(until: .zero).map(\.read) == [0, 1])
        let polls = schedule.polls(until: .seconds(3))
        #expect(polls.map(\.read) == [0, 0, 0])
        #expect(polls.map(\.slot) == [0, 1, 2])
        #expect(schedule.due == .milliseconds(3250))
    }

    @Test func `a late poll keeps the grid`() throws {
        var schedule = Schedule([.init(period: .seconds(1), phase: .zero)])
        _ = schedule.take(0, at: .zero)
        let turn = schedule.take(0, at: .milliseconds(1900))
        #expect(turn == Schedule.Turn(read: 0, slot: 1, skipped: 0, due: .seconds(1)))
        #expect(schedule.due == .seconds(2))
    }

    @Test func `missed slots are skipped and counted, not caught up`() throws {
        var schedule = Schedule([.init(period: .seconds(1), phase: .zero)])
        _ = schedule.take(0, at: .zero)
        let turn = schedule.take(0, at: .milliseconds(5300))
        #expect(turn == Schedule.Turn(read: 0, slot: 5, skipped: 4, due: .seconds(1)))
        #expect(schedule.due == .seconds(6))
    }

    /// Two claims, due at and for a period, both in milliseconds, and the time at which they meet.
    struct Meeting: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let first: (due: Int, period: Int)
        let second: (due: Int, period: Int)
        let now: Int
    }

    static let meetings = [
        Meeting(
            testDescription: "the one that is due", first: (90, 1000), second: (101, 10), now: 100),
        Meeting(
            testDescription: "the one that will be due first", first: (101, 1000),
            second: (102, 10), now: 100),
        Meeting(
            testDescription: "the earlier deadline, though due later", first: (90, 20),
            second: (0, 1000), now: 100),
        Meeting(
            testDescription: "a missed deadline before one that can be kept",
            first: (0, 100), second: (0, 101), now: 100),
        Meeting(
            testDescription: "of missed ones, the one that waits the most periods",
            first: (0, 10), second: (0, 20), now: 100),
        Meeting(
            testDescription: "however long the other has waited in seconds",
            first: (80, 10), second: (0, 60), now: 100),
    ]

    @Test(arguments: meetings)
    func `of two claims one comes first`(_ meeting: Meeting) {
        func claim(_ one: (due: Int, period: Int)) -> Claim {
            Claim(due: .milliseconds(one.due), period: .milliseconds(one.period))
        }
        let (first, second) = (claim(meeting.first), claim(meeting.second))
        let now = Duration.milliseconds(meeting.now)
        #expect(first.precedes(second, at: now))
        #expect(!second.precedes(first, at: now))
    }

    @Test func `a refresh is due at once and leaves the grid alone`() throws {
        var schedule = Schedule([.init(period: .seconds(10), phase: .zero)])
        _ = schedule.take(0, at: .zero)
        schedule.refresh(0, at: .seconds(4))
        #expect(schedule.due == .seconds(4))
        let turn = schedule.take(0, at: .seconds(4))
        #expect(turn == Schedule.Turn(read: 0, slot: 0, skipped: 0, due: nil))
        #expect(schedule.due == .seconds(10))
    }

    @Test func `without a read nothing is due`() {
        #expect(Schedule([]).first(at: .zero) == nil)
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func `under any load each slot is polled once at most and in its own time`(seed: UInt64) throws
    {
        var dice = Dice(seed: seed)
        let grids = (0..<Int.random(in: 1...12, using: &dice)).map { _ in
            Schedule.Grid(
                period: .milliseconds(Int.random(in: 10...3000, using: &dice)),
                phase: .milliseconds(Int.random(in: 0...1000, using: &dice)))
        }
        var schedule = Schedule(grids)
        var now = Duration.zero
        var last = grids.map { _ in -2 }
        var skipped = grids.map { _ in 0 }
        var polled = grids.map { _ in 0 }
        while now < .seconds(60) {
            let first = try #require(schedule.first(at: now))
            now = max(now, first.claim.due)
            let turn = schedule.take(first.read, at: now)
            let grid = grids[turn.read]
            #expect(turn.slot > last[turn.read], "never the same slot twice")
            let slotBegins = grid.phase + grid.period * turn.slot
            #expect(
                turn.slot == -1 || slotBegins <= now && now < slotBegins + grid.period,
                "in its own time")
            last[turn.read] = turn.slot
            skipped[turn.read] += turn.skipped
            polled[turn.read] += turn.slot >= 0 ? 1 : 0
            now += .milliseconds(Int.random(in: 0...120, using: &dice))
        }
        for read in grids.indices {
            #expect(polled[read] + skipped[read] == last[read] + 1, "each slot polled or skipped")
        }
    }
}

extension Schedule {
    /// Polls what is due up to `end`, taking no time for it.
    fileprivate mutating func polls(until end: Duration) -> [Turn] {
        var turns: [Turn] = []
        var now = Duration.zero
        while let first = first(at: now), first.claim.due <= end {
            now = max(now, first.claim.due)
            turns.append(take(first.read, at: now))
        }
        return turns
    }

    /// When the next of its reads is due.
    fileprivate var due: Duration? { first(at: .zero)?.claim.due }
}
