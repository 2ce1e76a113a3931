// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Plant
import Testing

@testable import Acquisition

/// What a line learns of a device that does not give all that its profile promises.
struct LearningTests {
    /// Registers 0 to 59 as one block, a signal each, named by their address.
    static func block(
        maxGap: Int = 0, without absent: Set<UInt16> = [], every: Duration = .seconds(1)
    ) -> Profile {
        .sample(
            (0..<60).filter { !absent.contains($0) }.map { .sample(name: "r\($0)", at: $0) },
            maxGap: maxGap, every: every)
    }

    @Test func `a bad register is found and left out, and all others are good`() {
        let device = PickyDevice(missing: [.holding: [37]])
        let line = ManualLine(Self.block(), device, for: .seconds(10))
        #expect(line.events == ["connected", "d1 answers", "d1 learns holding 37..<38 (2): r37"])
        #expect(line.states(of: 0) == [.answering])
        #expect(line.latest[37] == .bad(.refused(exception: 2)))
        #expect(line.latest.values.count { $0.quality == .good } == 59)
        #expect(line.failures(of: device) <= 8, "a block of 64 is halved six times")
        let last = line.asks.suffix(2).map(\.request)
        #expect(last.map(\.start) == [0, 38])
        #expect(last.map(\.count) == [37, 22])
    }

    @Test func `signals that are being judged are neither wrong nor bad meanwhile`() {
        let line = ManualLine(
            Self.block(), PickyDevice(), for: .seconds(10),
            then: (PickyDevice(missing: [.holding: [37]]), .seconds(5)))
        for signal in [0, 36, 38, 59] {
            #expect(line.contents(of: signal).allSatisfy { $0 == .good(.number(Double(signal))) })
        }
        let contents = line.contents(of: 37)
        #expect(contents.prefix(5).allSatisfy { $0 == .good(.number(37)) })
        #expect(contents.dropFirst(5).allSatisfy { $0 == .bad(.refused(exception: 2)) })
    }

    @Test func `a refusal that passes teaches nothing`() {
        let line = ManualLine(.sample([Self.block()]), for: .seconds(10)) { _, now in
            now >= .seconds(5) && now < .milliseconds(5005)
                ? .fail(.refused(exception: 2)) : .answer
        }
        #expect(line.events == ["connected", "d1 answers"])
        #expect(line.facts(of: 0).isEmpty)
        #expect(line.contents(of: 30).allSatisfy { $0.quality == .good })
    }

    @Test func `a hole between signals is read around`() {
        let device = PickyDevice(missing: [.holding: [20]])
        let line = ManualLine(
            Self.block(maxGap: 4, without: [10, 20, 30, 40]), device, for: .seconds(10))
        #expect(line.events.last == "d1 learns holding across 21 (2): r19 r21")
        #expect(line.latest.values.allSatisfy { $0.quality == .good })
        #expect(
            line.asks.suffix(2).map(\.request.count) == [20, 39], "the other gaps are read over")
    }

    @Test(arguments: [1, 2, 7, 30, 59])
    func `requests become as long as the device takes them`(_ longest: Int) {
        let device = PickyDevice(longest: [.holding: longest])
        let line = ManualLine(Self.block(), device, for: .seconds(10))
        #expect(line.facts(of: 0).map(\.matter) == [.more(than: longest)])
        #expect(line.latest.values.allSatisfy { $0.quality == .good })
        #expect(line.asks.suffix(10).map(\.request.count).max() == longest)
        #expect(line.failures(of: device) <= 14)
    }

    @Test(arguments: [1, 7, 30])
    func `also where it leaves longer ones unanswered, and is never held for dead`(_ longest: Int) {
        let device = PickyDevice(longest: [.holding: longest], ignoresLong: true)
        let line = ManualLine(Self.block(), device, for: .seconds(300))
        #expect(line.facts(of: 0).map(\.matter) == [.more(than: longest)])
        #expect(line.facts(of: 0).map(\.refusal) == [.silence])
        #expect(line.latest.values.allSatisfy { $0.quality == .good })
        #expect(!line.states(of: 0).contains(.offline))
        #expect(line.states(of: 0).last == .answering)
        #expect(line.failures(of: device) <= 18)
    }

    @Test func `a register that is left unanswered is found, though there are others such`() {
        let device = PickyDevice(missing: [.holding: [7, 100, 140]], ignoresMissing: true)
        var signals = Self.block().signals
        signals += [100, 101, 140, 200].map { .sample(name: "r\($0)", at: $0) }
        let line = ManualLine(.sample(signals, maxGap: 0), device, for: .seconds(300))
        #expect(
            Set(line.facts(of: 0).map(\.matter)) == [
                .value(7..<8), .value(100..<101), .value(140..<141),
            ])
        #expect(line.latest.filter { $0.value == .bad(.noAnswer) }.keys.sorted() == [7, 60, 62])
        #expect(line.states(of: 0).last == .answering)
    }

    @Test func `a table that is not served is refused, and the other one is read`() {
        let device = PickyDevice(unserved: [.input])
        let signals = (0..<20).flatMap { address -> [ProfileSignal] in
            [
                .sample(name: "h\(address)", at: address),
                .sample(name: "i\(address)", table: .input, at: address),
            ]
        }
        let line = ManualLine(.sample(signals), device, for: .seconds(10))
        #expect(line.facts(of: 0).count == 20)
        #expect(line.events.count { $0.hasPrefix("d1 learns") } == 1, "told in one line")
        for (index, signal) in signals.enumerated() {
            #expect(line.latest[index] == device.content(of: signal))
        }
        #expect(line.failures(of: device) <= 41, "each value alone, and what was left with it")
    }

    @Test func `what is refused is asked for again ever more rarely, and never together`() {
        let device = PickyDevice(missing: [.holding: [5, 40]])
        let line = ManualLine(
            Self.block(every: .seconds(60)), device, for: .seconds(4 * 3600))
        let refused = line.asks.filter {
            $0.at > .seconds(60) && device.error(for: $0.request) != nil
        }
        #expect(refused.allSatisfy { $0.request.count == 1 })
        #expect(refused.map { Int($0.at / .seconds(60)) } == [10, 30, 70, 130, 190])
        #expect(Set(refused.map(\.request.start)) == [5, 40], "each in turn")
        #expect(line.contents(of: 5).count >= 4 * 60, "and reported as refused at a slow beat")
    }

    @Test func `what a repair has given back is found, all of it at once`() {
        let device = PickyDevice(missing: [.holding: [5, 40, 41, 59]])
        let line = ManualLine(
            Self.block(every: .seconds(20)), device, for: .seconds(1900),
            then: (PickyDevice(), .seconds(700)))
        #expect(line.events.count { $0.hasPrefix("d1 forgets") } == 4)
        #expect(line.facts(of: 0).isEmpty)
        #expect(line.latest.values.allSatisfy { $0.quality == .good })
        #expect(line.asks.suffix(5).allSatisfy { $0.request.count == 60 }, "in one request again")
        for signal in [5, 40, 41, 59] {
            let times = line.reports.filter { report in
                report.observations.contains { $0.signal == signal && $0.content.quality == .good }
            }.map(\.at.monotonic)
            #expect(times.count >= 5)
            #expect(
                zip(times, times.dropFirst()).allSatisfy { $1 - $0 > .seconds(1) },
                "found again, and not said twice")
        }
    }

    @Test func `a device that was away is asked again at once`() {
        let device = PickyDevice(missing: [.holding: [5]])
        let line = ManualLine(.sample([Self.block()]), for: .seconds(60)) { request, now in
            if now < .seconds(10) { return device.reply(to: request) }
            return now < .seconds(30) ? .fail(.silent) : .answer
        }
        #expect(line.events.suffix(2) == ["d1 returns", "d1 forgets holding 5..<6 (2)"])
        #expect(line.latest.values.allSatisfy { $0.quality == .good })
    }

    @Test func `a device that refuses all for a while is asked for all again afterwards`() {
        let line = ManualLine(.sample([Self.block()]), for: .seconds(40)) { _, now in
            now >= .seconds(5) && now < .seconds(30) ? .fail(.refused(exception: 2)) : .answer
        }
        #expect(line.facts(of: 0).isEmpty)
        #expect(line.states(of: 0) == [.answering, .refused, .answering])
        #expect(line.latest.values.allSatisfy { $0.quality == .good })
        #expect(line.asks.count < 40 + 3 * 60, "each value alone, and what was left with it")
    }

    @Test func `a search takes nothing from the other devices of its line`() {
        let device = PickyDevice(missing: [.holding: Set((0..<60).filter { $0 % 3 == 0 })])
        let line = ManualLine(
            .sample([Self.block()] + RoundsTests.devices(3)), for: .seconds(30)
        ) { request, _ in
            request.unit == 1 ? device.reply(to: request) : .answer
        }
        #expect(line.facts(of: 0).count == 20)
        for unit in 2...4 as ClosedRange<UInt8> {
            let asks = line.asks(of: unit)
            #expect(asks.count == 62, "all slots: 30 of either request, and one at the start")
            #expect(zip(asks, asks.dropFirst(2)).allSatisfy { $1 - $0 < 1.6 })
        }
        #expect(line.reports.reduce(0) { $0 + ($1.poll?.overruns ?? 0) } == 0)
    }
}
