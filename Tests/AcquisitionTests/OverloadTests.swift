// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Acquisition

/// The order of claims, on a line that is idle, full, or asked for three times what it can do.
struct OverloadTests {
    /// Reads that take a while each, from a seed, so many that they fill the line `load` times.
    struct Plant {
        var grids: [Schedule.Grid] = []
        var costs: [Duration] = []

        init(load: Double, seed: UInt64) {
            var dice = Dice(seed: seed)
            for _ in 0..<Int.random(in: 2...20, using: &dice) {
                let period = [200, 500, 1000, 5000, 10_000].randomElement(using: &dice) ?? 1000
                let phase = Int.random(in: 0..<period, using: &dice)
                grids.append(
                    Schedule.Grid(period: .milliseconds(period), phase: .milliseconds(phase)))
                costs.append(.milliseconds(Int.random(in: 5...50, using: &dice)))
            }
            let asked = zip(costs, grids).reduce(0) { $0 + $1.0 / $1.1.period }
            costs = costs.map { $0 * (load / asked) }
        }

        /// When each read was polled, and how many of its slots were skipped.
        func run(for end: Duration) -> (polls: [[Duration]], skipped: Int) {
            var schedule = Schedule(grids)
            var polls = grids.map { _ in [Duration]() }
            var (now, skipped) = (Duration.zero, 0)
            while now < end {
                guard let first = schedule.first(at: now) else { break }
                now = max(now, first.claim.due)
                skipped += schedule.take(first.read, at: now).skipped
                polls[first.read].append(now)
                now += costs[first.read]
            }
            return (polls, skipped)
        }
    }

    @Test(arguments: [0.5, 1, 1.5, 2, 3], 1...12 as ClosedRange<UInt64>)
    func `nothing starves, whatever is asked for`(load: Double, seed: UInt64) {
        let plant = Plant(load: load, seed: seed)
        let (polls, _) = plant.run(for: .seconds(120))
        let round = plant.costs.reduce(.zero, +)
        for (times, grid) in zip(polls, plant.grids) {
            let bound = grid.period * (2 + load) + round
            let waits = zip(times, times.dropFirst()).map { $1 - $0 }
            #expect(waits.allSatisfy { $0 <= bound }, "\(grid.period)")
            #expect(!waits.isEmpty)
        }
    }

    @Test(arguments: [1.5, 2, 3], 1...12 as ClosedRange<UInt64>)
    func `what there is, is shared`(load: Double, seed: UInt64) {
        let plant = Plant(load: load, seed: seed)
        let (polls, _) = plant.run(for: .seconds(120))
        let shares = zip(polls, plant.grids).map { times, grid in
            Double(times.count) / (.seconds(120) / grid.period)
        }
        #expect(shares.allSatisfy { $0 >= 0.5 / load }, "half of an equal share at least")
    }

    /// With the longest request shorter than a tenth of the shortest period.
    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `below 70 percent no slot is lost`(seed: UInt64) throws {
        let plant = Plant(load: 0.7, seed: seed)
        let shortest = try #require(plant.grids.map(\.period).min())
        guard plant.costs.allSatisfy({ $0 < shortest / 10 }) else { return }
        let (_, skipped) = plant.run(for: .seconds(120))
        #expect(skipped == 0)
    }
}
