// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Plant
import Synchronization
import Testing

@testable import Acquisition

/// What a silent device on a shared line costs the others: how long it is waited for.
///
/// Devices d1, d2, … are units 1, 2, … of a line at 9600 8E1, with one request of ten registers a
/// second; a predicted 51 ms each, and a timeout of 1 s.
struct ProbeTests {
    private static let serial = Endpoint.serial(
        path: "/dev/null",
        format: SerialFormat(baud: 9600, dataBits: 8, parity: .even, stopBits: 1))
    private static let usual = Duration.milliseconds(51)
    private static let longest = 1050.0

    private static func line(
        _ count: Int, for end: Duration, over endpoint: Endpoint = serial,
        reply: @escaping @Sendable (Request, Duration) -> ManualDevices.Reply
    ) -> ManualLine {
        let device = Profile.sample((0..<10).map { .sample(name: "r\($0)", at: $0) })
        return ManualLine(
            .sample(Array(repeating: device, count: count), endpoint: endpoint), for: end,
            reply: reply)
    }

    @Test func `probes are short where a device was prompt, and longer from one to the next`() {
        let line = Self.line(2, for: .seconds(200)) { request, now in
            request.unit == 2 && now >= .seconds(30) ? .fail(.silent) : .slow(Self.usual)
        }
        let after = Array(line.timeouts(of: 2).drop { $0 == Self.longest })
        let short = after[0]
        #expect(line.timeouts(of: 2).count - after.count > 30, "the first failure has all the time")
        #expect(short > 50 + 51 && short < 200)
        #expect(Array(after.prefix(5)) == [1, 1, 1, 2, 4].map { $0 * short })
        #expect(after.last == Self.longest)
        #expect(line.events.last == "d2 vanished: no-answer")
    }

    @Test func `at the first contact a device has all the time`() {
        let absent = Self.line(2, for: .seconds(200)) { request, _ in
            request.unit == 2 ? .fail(.silent) : .slow(Self.usual)
        }
        #expect(absent.timeouts(of: 2).allSatisfy { $0 == Self.longest })
    }

    @Test(arguments: [
        (Endpoint.tcp(host: "127.0.0.1", port: 1), 1000),
        (.rtuOverTCP(host: "127.0.0.1", port: 1), 1050),
    ])
    func `behind a socket a device has all the time`(endpoint: Endpoint, all: Double) {
        let line = Self.line(2, for: .seconds(200), over: endpoint) { request, now in
            request.unit == 2 && now >= .seconds(30) ? .fail(.silent) : .slow(Self.usual)
        }
        #expect(line.timeouts(of: 2).allSatisfy { $0 == all })
    }

    @Test func `a gateway that speaks for a device has all the time for it`() {
        let line = Self.line(2, for: .seconds(100)) { request, now in
            request.unit == 2 && now >= .seconds(30)
                ? .fail(.refused(exception: 11)) : .slow(Self.usual)
        }
        #expect(line.timeouts(of: 2).allSatisfy { $0 == Self.longest })
    }

    @Test(arguments: [120, 300, 700, 1000])
    func `a device that comes back slower than it was is found`(milliseconds: Int) {
        let line = Self.line(2, for: .seconds(100)) { request, now in
            guard request.unit == 2, now >= .seconds(30) else { return .slow(Self.usual) }
            return now < .seconds(36) ? .fail(.silent) : .slow(.milliseconds(milliseconds))
        }
        #expect(line.events.suffix(2) == ["d2 vanished: no-answer", "d2 returns"])
        #expect(line.states(of: 1).last == .answering)
    }

    @Test func `a slow device is never asked in haste while it answers`() {
        let line = Self.line(2, for: .seconds(200)) { request, now in
            // Every tenth answer takes nearly all the time.
            request.unit == 2 && Int(now / .seconds(1)) % 10 == 9
                ? .slow(.milliseconds(1000)) : .slow(Self.usual)
        }
        #expect(line.timeouts(of: 2).allSatisfy { $0 == Self.longest })
        #expect(line.states(of: 1) == [.answering])
    }

    @Test(arguments: [true, false])
    func `of ten devices on a line one dies, and the others keep their polls`(dies: Bool) {
        let line = Self.line(10, for: .seconds(90)) { request, now in
            dies && request.unit == 4 && now >= .seconds(30) ? .fail(.silent) : .slow(Self.usual)
        }
        for unit in UInt8(1)...10 where unit != 4 {
            let kept = line.asks(of: unit).count { $0 >= 30 && $0 < 90 }
            #expect(kept >= 57, "unit \(unit) keeps 95 of 100 of its polls in that very minute")
        }
        #expect(line.asks(of: 4).count { $0 >= 30 } == (dies ? 7 : 60))
    }

    /// As those do that are made with libmodbus: they take a question for the answer that another
    /// unit owes, for half a second.
    @Test func `devices that bear no haste are not made to suffer from it for long`() {
        let owed = Mutex<Duration?>(nil)
        let line = Self.line(3, for: .seconds(600)) { request, now in
            owed.withLock { owed in
                defer { owed = nil }
                if let owed, now - owed < .milliseconds(500) { return .fail(.silent) }
                guard request.unit == 2, now >= .seconds(30) else { return .slow(Self.usual) }
                defer { owed = now }
                return .fail(.silent)
            }
        }
        let suffered = [0, 20].flatMap { line.contents(of: $0) }.count { $0.quality == .bad }
        #expect(suffered <= 2)
        #expect(line.timeouts(of: 2).suffix(3) == [Self.longest, Self.longest, Self.longest])
    }

    @Test func `one lost frame after haste is no proof against it`() {
        var haste = Haste(on: Self.serial)
        for _ in 0..<10 {
            haste.failed(1, wasAnswering: false, wasHasty: true)
            haste.failed(2, wasAnswering: true, wasHasty: false)
            haste.answered(3)
            haste.failed(1, wasAnswering: false, wasHasty: true)
            haste.answered(2)
            #expect(haste.isGood)
        }
        for _ in 0..<2 {
            haste.failed(1, wasAnswering: false, wasHasty: true)
            haste.failed(2, wasAnswering: true, wasHasty: false)
        }
        #expect(!haste.isGood)
    }

    @Test func `promptness is the slowest but one of the last answers, and forgets`() throws {
        var promptness = Promptness()
        let frame = Duration.milliseconds(20)
        func patience(_ predicted: Int) -> Duration? {
            promptness.patience(predicted: .milliseconds(predicted))
        }
        for _ in 0..<Promptness.enough - 2 {
            promptness.learn(.milliseconds(25), predicted: frame)
        }
        promptness.learn(.milliseconds(120), predicted: frame)
        #expect(patience(20) == nil, "too little is known")
        promptness.learn(.milliseconds(900), predicted: frame)
        #expect(patience(20) == .milliseconds(290), "one that is far slower is an accident")
        #expect(patience(40) == .milliseconds(330))
        for _ in 0..<128 { promptness.learn(.milliseconds(15), predicted: frame) }
        #expect(patience(20) == .milliseconds(90), "never less than the frames and 50 ms")
    }
}
