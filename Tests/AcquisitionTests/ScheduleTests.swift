// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Acquisition

struct ScheduleTests {
    @Test func `everything is due at the start, then on its grid`() throws {
        var schedule = Schedule([(.seconds(1), .milliseconds(250)), (.seconds(10), .zero)])
        #expect(schedule.polls(until: .zero).map(\.read) == [0, 1])
        let polls = schedule.polls(until: .seconds(3))
        #expect(polls.map(\.read) == [0, 0, 0])
        #expect(polls.map(\.slot) == [0, 1, 2])
        #expect(try #require(schedule.first).due == .milliseconds(3250))
    }

    @Test func `a late poll keeps the grid`() throws {
        var schedule = Schedule([(.seconds(1), .zero)])
        _ = schedule.take(0, at: .zero)
        let turn = schedule.take(0, at: .milliseconds(1900))
        #expect(turn == Schedule.Turn(read: 0, slot: 1, skipped: 0, due: .seconds(1)))
        #expect(try #require(schedule.first).due == .seconds(2))
    }

    @Test func `missed slots are skipped and counted, not caught up`() throws {
        var schedule = Schedule([(.seconds(1), .zero)])
        _ = schedule.take(0, at: .zero)
        let turn = schedule.take(0, at: .milliseconds(5300))
        #expect(turn == Schedule.Turn(read: 0, slot: 5, skipped: 4, due: .seconds(1)))
        #expect(try #require(schedule.first).due == .seconds(6))
    }

    @Test func `what has been due longest comes first`() throws {
        var schedule = Schedule([
            (.milliseconds(100), .milliseconds(50)), (.seconds(1), .milliseconds(20)),
        ])
        _ = schedule.polls(until: .zero)
        #expect(try #require(schedule.first).read == 1)
        _ = schedule.take(1, at: .seconds(5))
        #expect(try #require(schedule.first).read == 0)
    }

    @Test func `a refresh is due at once and leaves the grid alone`() throws {
        var schedule = Schedule([(.seconds(10), .zero)])
        _ = schedule.take(0, at: .zero)
        schedule.refresh(0, at: .seconds(4))
        #expect(try #require(schedule.first).due == .seconds(4))
        let turn = schedule.take(0, at: .seconds(4))
        #expect(turn == Schedule.Turn(read: 0, slot: 0, skipped: 0, due: nil))
        #expect(try #require(schedule.first).due == .seconds(10))
    }

    @Test func `without a read nothing is due`() {
        #expect(Schedule([]).first == nil)
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func `under any load each slot is polled once at most and in its own time`(seed: UInt64) throws
    {
        var dice = Dice(seed: seed)
        let grids = (0..<Int.random(in: 1...12, using: &dice)).map { _ in
            (
                period: Duration.milliseconds(Int.random(in: 10...3000, using: &dice)),
                phase: Duration.milliseconds(Int.random(in: 0...1000, using: &dice))
            )
        }
        var schedule = Schedule(grids)
        var now = Duration.zero
        var last = grids.map { _ in -2 }
        var skipped = grids.map { _ in 0 }
        var polled = grids.map { _ in 0 }
        while now < .seconds(60) {
            let first = try #require(schedule.first)
            now = max(now, first.due)
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
        while let first, first.due <= end {
            turns.append(take(first.read, at: first.due))
        }
        return turns
    }
}
