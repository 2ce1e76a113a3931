// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Equipment

struct SpreadTests {
    @Test func `without samples there is no quantile`() {
        #expect(Spread().quantile(0.5) == nil)
        #expect(Spread.union([]).quantile(0.5) == nil)
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `a quantile is within 5 % of the sorted samples' own`(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        var spread = Spread()
        // From 50 µs to 50 s, each octave as likely as any.
        let samples = (0..<2000).map { _ -> Duration in
            let octave = Int64(Double.random(in: 0...19.9, using: &dice))
            return .nanoseconds(50_000 << octave)
                + .nanoseconds(Int64.random(in: 0..<50_000 << octave, using: &dice))
        }
        for sample in samples { spread.add(sample) }
        let sorted = samples.sorted()
        for share in [0.01, 0.25, 0.5, 0.9, 0.99, 1] {
            let truth = sorted[Int((share * Double(sorted.count)).rounded(.up)) - 1]
            let found = try #require(spread.quantile(share))
            #expect(abs(found / truth - 1) < 0.05, "seed \(seed), share \(share)")
        }
        #expect(spread.count == 2000)
        #expect(spread.sum == samples.reduce(.zero, +))
    }

    @Test func `what was long ago does not hide what is now`() throws {
        var spread = Spread()
        for _ in 0..<1_000_000 { spread.add(.milliseconds(1)) }
        for _ in 0..<10_000 { spread.add(.seconds(1)) }
        #expect(try #require(spread.quantile(0.5)) > .milliseconds(900))
        #expect(spread.count == 1_010_000, "the count forgets nothing")
    }

    @Test(arguments: [Duration.seconds(-1), .zero, .nanoseconds(1), .seconds(1 << 40)])
    func `any duration has a place`(sample: Duration) {
        var spread = Spread()
        spread.add(sample)
        #expect(spread.count == 1)
        #expect(spread.quantile(1) != nil)
    }

    @Test func `a union has the shares of its parts`() throws {
        var (quick, slow) = (Spread(), Spread())
        for _ in 0..<6000 { quick.add(.milliseconds(2)) }
        for _ in 0..<4000 { slow.add(.milliseconds(40)) }
        let union = Spread.union([quick, Spread(), slow])
        #expect(abs(try #require(union.quantile(0.55)) / .milliseconds(2) - 1) < 0.05)
        #expect(abs(try #require(union.quantile(0.65)) / .milliseconds(40) - 1) < 0.05)
        #expect(union.count == 10_000)
    }
}

struct TrafficTests {
    @Test func `every request has one outcome`() {
        var traffic = Traffic()
        let outcomes: [Traffic.Outcome] = [
            .answer, .answer, .exception(2), .exception(2), .exception(11), .timeout, .garbled,
            .broken,
        ]
        for outcome in outcomes {
            traffic.add(outcome, took: .milliseconds(5), lateness: nil, overruns: 1)
        }
        #expect(traffic.requests == 8 && traffic.overruns == 8)
        #expect(traffic.exceptions == [2: 2, 11: 1])
        #expect(
            traffic.answers + traffic.refusals + traffic.timeouts + traffic.garbled
                + traffic.broken == traffic.requests)
        #expect(traffic.roundTrips.count == 5, "only what came back has a round trip")
        #expect(traffic.lateness.count == 0)
    }
}

/// A generator that repeats itself.
private struct Dice: RandomNumberGenerator {
    var seed: UInt64

    mutating func next() -> UInt64 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return seed ^ seed >> 29
    }
}
