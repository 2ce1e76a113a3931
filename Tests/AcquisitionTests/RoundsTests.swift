// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Plant
import Testing

@testable import Acquisition

/// The rounds of a line with devices d1, d2, … as units 1, 2, …, each with two requests of one
/// register (at 0 and at 100) every second, unless said otherwise. Signal 2n is device n's first.
struct RoundsTests {
    static func devices(_ count: Int, every: Duration = .seconds(1)) -> [Profile] {
        (0..<count).map { _ in
            .sample(
                [.sample(name: "a", at: 0), .sample(name: "b", at: 100)], maxGap: 0, every: every)
        }
    }

    @Test func `all is asked at once at the start, then spread over the period`() {
        let line = ManualLine(.sample(Self.devices(4)), for: .seconds(3))
        #expect(line.asks(of: 1) == [0, 0.01, 1, 1.01, 2, 2.01])
        #expect(line.asks(of: 3) == [0.04, 0.05, 0.5, 0.51, 1.5, 1.51, 2.5, 2.51])
        #expect(line.events == ["connected"] + (1...4).map { "d\($0) answers" })
        #expect(line.states(of: 0) == [.answering])
        #expect(line.contents(of: 1) == Array(repeating: .good(.number(100)), count: 3))
    }

    @Test func `readings carry the time when their answer arrived`() throws {
        let line = ManualLine(.sample(Self.devices(1)), for: .seconds(2))
        let arrivals = line.reports.filter { !$0.observations.isEmpty }.map(\.at)
        #expect(arrivals.map(\.monotonic) == [10, 20, 1010, 1020].map { .milliseconds($0) })
        #expect(arrivals.map(\.time) == [0.01, 0.02, 1.01, 1.02].map { Moment.at($0).time })
    }

    @Test func `the first failure in a cycle spares the device the rest of it`() {
        let line = ManualLine(.sample(Self.devices(1)), for: .seconds(3)) { request, now in
            now >= .seconds(1) && now < .seconds(2) && request.start == 0
                ? .fail(.garbled) : .answer
        }
        #expect(line.asks(of: 1) == [0, 0.01, 1, 2, 2.01])
        #expect(line.contents(of: 0) == [.good(.number(0)), .bad(.garbled), .good(.number(0))])
        #expect(
            line.contents(of: 1) == [.good(.number(100)), .bad(.garbled), .good(.number(100))],
            "its unasked poll counts as unanswered")
        #expect(line.states(of: 0) == [.answering, .suspect, .answering])
        #expect(line.events == ["connected", "d1 answers"], "a lost frame is not worth a line")
    }

    /// Asked sooner, the whole line would wait until what is owed can come no more.
    @Test(arguments: [
        (Endpoint.tcp(host: "127.0.0.1", port: 1), false),
        (.rtuOverTCP(host: "127.0.0.1", port: 1), true),
    ])
    func `what may come late on RTU is waited for without the line`(
        endpoint: Endpoint, waits: Bool
    ) throws {
        let line = ManualLine(
            .sample(
                Self.devices(2, every: .milliseconds(200)), endpoint: endpoint,
                timeout: .milliseconds(500)),
            for: .seconds(5)
        ) { request, now in
            request.unit == 1 && now >= .seconds(1) && now < .milliseconds(1100)
                ? .fail(.silent) : .answer
        }
        let timeout = try #require(line.timeouts(of: 1).max()) / 1000
        let lost = try #require(line.asks(of: 1).first { $0 >= 1 })
        let next = try #require(line.asks(of: 1).first { $0 > lost })
        #expect((next >= lost + 2 * timeout) == waits)
        #expect(next <= lost + 2 * timeout + 0.1)
        let others = line.asks(of: 2).filter { $0 >= lost + timeout && $0 < lost + 2 * timeout }
        #expect(others.count >= 4, "twice in each of its periods")
    }

    @Test func `a unit of two profiles is left alone by both`() throws {
        var configuration = Configuration.sample(
            Self.devices(2, every: .milliseconds(200)),
            endpoint: .rtuOverTCP(host: "127.0.0.1", port: 1), timeout: .milliseconds(500))
        configuration.equipment[0].devices[1].unit = 1
        let line = ManualLine(configuration, for: .seconds(5)) { _, now in
            now >= .seconds(1) && now < .milliseconds(1050) ? .fail(.silent) : .answer
        }
        let timeout = try #require(line.timeouts(of: 1).max()) / 1000
        let lost = try #require(line.asks(of: 1).first { $0 >= 1 })
        let next = try #require(line.asks(of: 1).first { $0 > lost })
        #expect(next >= lost + 2 * timeout)
    }

    @Test func `what one lost frame has cost is made up for at the next answer`() {
        let profile = Profile.sample(
            [.sample(name: "a", at: 0), .sample(name: "b", at: 100, every: .seconds(60))],
            maxGap: 0)
        let line = ManualLine(.sample([profile]), for: .seconds(64)) { request, now in
            now >= .seconds(60) && now < .seconds(61) && request.start == 0
                ? .fail(.silent) : .answer
        }
        let slow = line.asks.filter { $0.request.start == 100 }.map { $0.at / .seconds(1) }
        #expect(slow.count == 2, "at the start, and a second after its slot, which was lost")
        #expect(slow.last.map { $0 > 61 && $0 < 63 } == true)
        #expect(line.contents(of: 1).last == .good(.number(100)))
    }

    /// Acknowledge, busy, and what vendors make of it.
    @Test(arguments: [UInt8(5), 6, 7, 12, 228])
    func `busy is never a number`(exception: UInt8) {
        let line = ManualLine(.sample(Self.devices(1)), for: .seconds(16)) { _, now in
            now < .seconds(12) ? .fail(.refused(exception: exception)) : .answer
        }
        let busy = line.reports.filter { $0.at.monotonic < .seconds(12) }.flatMap(\.observations)
        #expect(!busy.isEmpty)
        #expect(busy.allSatisfy { $0.content == .bad(.refused(exception: exception)) })
        for signal in 0...1 {
            let contents = line.contents(of: signal)
            let good = contents.drop { $0 == .bad(.refused(exception: exception)) }
            #expect(good.allSatisfy { $0 == .good(.number(Double(100 * signal))) })
            #expect(!good.isEmpty)
        }
        #expect(line.connects.count == 1)
        #expect(line.facts(of: 0).isEmpty)
    }

    @Test func `a busy device is asked again in a while, and the others meanwhile`() {
        let line = ManualLine(.sample(Self.devices(2)), for: .seconds(4)) { request, now in
            request.unit == 1 && now >= .seconds(2) && now < .milliseconds(2150)
                ? .fail(.refused(exception: 6)) : .answer
        }
        #expect(line.contents(of: 0).allSatisfy { $0 == .good(.number(0)) }, "it is soon over")
        let asks = line.asks(of: 1).filter { $0 >= 2 && $0 < 2.9 }
        #expect(zip(asks, asks.dropFirst()).prefix(2).allSatisfy { $1 - $0 >= 0.1 })
        #expect(asks.count == 4, "two were busy, and both requests were answered then")
        #expect(line.asks(of: 2).count == 10, "its two requests at the start and in four slots")
    }

    @Test func `a device that stays busy is refused, after three more tries a poll`() {
        let line = ManualLine(.sample(Self.devices(1)), for: .seconds(3)) { request, _ in
            request.start == 100 ? .fail(.refused(exception: 6)) : .answer
        }
        #expect(line.contents(of: 1).first == .bad(.refused(exception: 6)))
        #expect(line.asks.count { $0.request.start == 100 } == 12)
        #expect(line.contents(of: 0).count == 3)
    }

    @Test func `a dead device is offline after three cycles and then probed ever more rarely`() {
        let line = ManualLine(.sample(Self.devices(2)), for: .seconds(300)) { request, _ in
            request.unit == 2 ? .fail(.silent) : .answer
        }
        let asks = line.asks(of: 2)
        #expect(line.events == ["connected", "d1 answers", "d2 vanished: no-answer"])
        #expect(line.states(of: 1) == [.suspect, .offline])
        let waits = zip(asks.dropFirst(2), asks.dropFirst(3)).map { $1 - $0 - 1 }
        for (wait, step) in zip(waits, [2, 4, 8, 16, 32, 60, 60] as [Double]) {
            #expect(wait >= step * 0.8 - 0.001 && wait <= step + 0.1)
        }
        #expect(asks.count < 15, "two asks a second would be 600")
        #expect(line.asks(of: 1).count > 560, "each probe costs the other a second at most")
    }

    @Test func `a dead device turns bad at its first unanswered poll and stays so`() {
        let line = ManualLine(.sample(Self.devices(1)), for: .seconds(30)) { _, now in
            now >= .seconds(2) ? .fail(.silent) : .answer
        }
        for signal in 0...1 {
            let contents = line.contents(of: signal)
            #expect(contents.prefix(2).allSatisfy { $0.quality == .good })
            #expect(contents.dropFirst(2).allSatisfy { $0 == .bad(.noAnswer) })
            #expect(contents.count > 20, "its polls go on being reported as unanswered")
        }
    }

    @Test func `a device that returns is told with its absence and read in full at once`() throws {
        let profile = Profile.sample([
            .sample(name: "a", at: 0), .sample(name: "b", at: 1, every: .seconds(60)),
            .sample(name: "c", at: 100, every: .seconds(60)),
        ])
        let line = ManualLine(.sample([profile]), for: .seconds(40)) { _, now in
            now >= .seconds(5) && now < .seconds(15) ? .fail(.silent) : .answer
        }
        #expect(
            line.events == ["connected", "d1 answers", "d1 vanished: no-answer", "d1 returns"])
        let back = try #require(line.reports.flatMap(\.events).compactMap(\.absence).first)
        #expect(back > .seconds(10) && back < .seconds(20))
        let returned = try #require(line.asks.first { $0.at >= .seconds(15) }).at
        let refresh = line.asks.filter { $0.at >= returned && $0.at < returned + .milliseconds(50) }
        #expect(Set(refresh.map(\.request.start)) == [0, 1, 100])
        #expect(
            line.contents(of: 2) == [.good(.number(100)), .bad(.noAnswer), .good(.number(100))])
    }

    @Test func `a device that is absent from the start vanishes once and is welcomed later`() {
        let line = ManualLine(.sample(Self.devices(1)), for: .seconds(30)) { _, now in
            now < .seconds(10) ? .fail(.silent) : .answer
        }
        #expect(line.events == ["connected", "d1 vanished: no-answer", "d1 returns"])
        #expect(line.contents(of: 0).first == .bad(.noAnswer))
    }

    @Test func `an exception is an answer: only its own request is refused`() {
        let line = ManualLine(.sample(Self.devices(1)), for: .seconds(4)) { request, now in
            request.start == 100 && now < .seconds(2) ? .fail(.refused(exception: 4)) : .answer
        }
        #expect(
            line.events == ["connected", "d1 answers", "d1 refuses 100: 4", "d1 accepts 100"])
        #expect(line.states(of: 0) == [.answering])
        #expect(line.contents(of: 0) == Array(repeating: .good(.number(0)), count: 4))
        #expect(
            line.contents(of: 1) == [
                .bad(.refused(exception: 4)), .bad(.refused(exception: 4)), .good(.number(100)),
                .good(.number(100)),
            ])
    }

    @Test func `a device that refuses all is refused, not offline`() {
        let line = ManualLine(.sample(Self.devices(1)), for: .seconds(20)) { _, _ in
            .fail(.refused(exception: 1))
        }
        #expect(line.states(of: 0) == [.answering, .refused])
        #expect(line.asks(of: 1).count <= 45, "two a second, and each of its values alone, once")
        #expect(line.facts(of: 0).isEmpty, "nothing is learnt from a device that refuses all")
        #expect(line.contents(of: 0).allSatisfy { $0 == .bad(.refused(exception: 1)) })
    }

    @Test func `a gateway's word for a device it cannot reach counts as that device's silence`() {
        let line = ManualLine(.sample(Self.devices(2)), for: .seconds(30)) { request, _ in
            request.unit == 2 ? .fail(.refused(exception: 11)) : .answer
        }
        #expect(line.states(of: 1) == [.suspect, .offline])
        #expect(line.contents(of: 2).allSatisfy { $0 == .bad(.refused(exception: 11)) })
        #expect(line.asks(of: 2).count < 10)
    }

    @Test func `the quiet time a device needs is kept`() {
        let profile = Profile.sample(
            [.sample(at: 0), .sample(at: 100), .sample(at: 200)], maxGap: 0,
            requestGap: .milliseconds(50))
        let line = ManualLine(.sample([profile]), for: .seconds(2))
        #expect(line.asks(of: 1) == [0, 0.06, 0.12, 1, 1.06, 1.12])
    }

    @Test func `slots that pass during a timeout are counted, not caught up`() {
        let line = ManualLine(
            .sample(Self.devices(2, every: .milliseconds(200))), for: .seconds(10)
        ) { request, now in
            request.unit == 2 && now >= .seconds(1) && now < .seconds(2) ? .fail(.silent) : .answer
        }
        let first = line.asks(of: 1)
        #expect(zip(first, first.dropFirst()).allSatisfy { $1 - $0 > 0.009 })
        #expect(line.reports.reduce(0) { $0 + ($1.poll?.overruns ?? 0) } >= 4)
    }

    @Test func `a slower passenger is read in its own period`() {
        let profile = Profile.sample([
            .sample(name: "a", at: 0), .sample(name: "b", at: 1, every: .seconds(5)),
            .sample(name: "c", at: 2),
        ])
        let line = ManualLine(.sample([profile]), for: .seconds(20))
        #expect(line.contents(of: 0).count == 20)
        #expect(line.contents(of: 1).count == 4)
        #expect(Set(line.asks.map(\.request.count)) == [3])
    }
}

extension PlantEvent {
    fileprivate var absence: Duration? {
        if case .deviceAnswers(_, let absence) = self { absence } else { nil }
    }
}
