// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment
import Modbus
import Synchronization

@testable import Acquisition
@testable import Plant

/// A clock that stands still unless it is moved.
final class ManualClock: Sendable {
    private let time = Mutex((monotonic: Duration.zero, step: Duration.zero))

    var now: Moment {
        time.withLock { time in
            .at((time.monotonic + time.step) / .seconds(1), monotonic: time.monotonic)
        }
    }

    func move(to monotonic: Duration) {
        time.withLock { $0.monotonic = max($0.monotonic, monotonic) }
    }

    func move(by duration: Duration) {
        time.withLock { $0.monotonic += duration }
    }

    /// Sets the wall clock forward, or back.
    func step(by duration: Duration) {
        time.withLock { $0.step += duration }
    }
}

extension Moment {
    fileprivate static func at(_ seconds: Double, monotonic: Duration) -> Moment {
        Moment(monotonic: monotonic, time: Moment.at(seconds).time)
    }
}

/// Numbers answers.
final class AnswerCount: Sendable {
    private let count = Mutex(0)

    /// 0, 1, 2 ….
    func next() -> Int {
        count.withLock { count in
            defer { count += 1 }
            return count
        }
    }
}

/// Devices whose behaviour a test decides request by request, in manual time.
struct ManualDevices: PointSource {
    enum Reply: Sendable {
        /// The registers hold their own addresses.
        case answer
        case words([UInt16])
        /// Answers after so long, if that is waited for.
        case slow(Duration)
        case fail(ModbusError)
    }

    static let roundTrip = Duration.milliseconds(10)

    let clock: ManualClock
    let log: ManualLine.Log
    let connecting: @Sendable (Duration) -> ModbusError?
    let reply: @Sendable (Request, Duration) -> Reply
    var isConnected = false
    var counts = LinkCounts()

    mutating func connect(within timeout: Duration) throws(ModbusError) {
        log.connects.withLock { $0.append(clock.now.monotonic) }
        if let error = connecting(clock.now.monotonic) { throw error }
        isConnected = true
    }

    mutating func read(
        _ request: Request, within timeout: Duration
    ) throws(ModbusError) -> [UInt16] {
        let now = clock.now.monotonic
        log.asks.withLock { $0.append((request, now)) }
        log.timeouts.withLock { $0.append((request.unit, timeout)) }
        switch reply(request, now) {
        case .answer:
            clock.move(by: Self.roundTrip)
            return (0..<request.count).map { request.start &+ UInt16($0) }
        case .slow(let time):
            clock.move(by: min(time, timeout))
            guard time < timeout else { throw .silent }
            return (0..<request.count).map { request.start &+ UInt16($0) }
        case .words(let words):
            clock.move(by: Self.roundTrip)
            return words
        case .fail(let error):
            if error == .silent { clock.move(by: timeout) }
            if case .refused = error { clock.move(by: Self.roundTrip) }
            if case .broken = error { isConnected = false }
            throw error
        }
    }
}

/// One line of a configuration, polled in manual time.
struct ManualLine {
    final class Log: Sendable {
        let asks = Mutex<[(request: Request, at: Duration)]>([])
        let connects = Mutex<[Duration]>([])
        let timeouts = Mutex<[(unit: UInt8, timeout: Duration)]>([])
    }

    let reports: [Report]
    let asks: [(request: Request, at: Duration)]
    let connects: [Duration]
    private let timeouts: [(unit: UInt8, timeout: Duration)]

    init(
        _ configuration: Configuration, for end: Duration, knowing learnt: [Int: Learnt] = [:],
        reply: @escaping @Sendable (Request, Duration) -> ManualDevices.Reply = { _, _ in .answer },
        connecting: @escaping @Sendable (Duration) -> ModbusError? = { _ in nil }
    ) {
        let (clock, log) = (ManualClock(), Log())
        let plan = PollPlan(configuration).lines[0]
        var poller = LinePoller(
            Rounds(plan, share: 0, dice: Dice(seed: 1), knowing: learnt),
            source: ManualDevices(
                clock: clock, log: log, connecting: connecting, reply: reply),
            timeout: plan.timeout, now: { clock.now })
        var reports: [Report] = []
        while clock.now.monotonic < end,
            let report = poller.advance(pause: { until in
                guard until < end else { return .stop }
                clock.move(to: until)
                return .due
            })
        {
            reports.append(report)
        }
        self.reports = reports
        asks = log.asks.withLock(\.self)
        connects = log.connects.withLock(\.self)
        timeouts = log.timeouts.withLock(\.self)
    }

    func contents(of signal: Int) -> [Reading.Content] {
        reports.flatMap(\.observations).filter { $0.signal == signal }.map(\.content)
    }

    func states(of device: Int) -> [DeviceState] {
        reports.flatMap(\.devices).filter { $0.device == device }.map(\.state)
    }

    /// When the unit was asked, in seconds.
    func asks(of unit: UInt8) -> [Double] {
        asks.filter { $0.request.unit == unit }.map { $0.at / .seconds(1) }
    }

    /// What was known of a device at the end, if anything was learnt.
    func facts(of device: Int) -> [LearntFact] {
        reports.compactMap(\.learnt).last { $0.device == device }?.facts ?? []
    }

    /// How long each answer of the unit was waited for, in milliseconds.
    func timeouts(of unit: UInt8) -> [Double] {
        timeouts.filter { $0.unit == unit }.map { $0.timeout / .milliseconds(1) }
    }

    var events: [String] { reports.flatMap(\.events).map(\.summary) }
}

extension PlantEvent {
    /// For comparison in tests: the case and what distinguishes it.
    var summary: String {
        switch self {
        case .connected(_, let absence): absence == nil ? "connected" : "reconnected"
        case .disconnected(_, let error, _): "disconnected \(error)"
        case .deviceAnswers(let name, let absence):
            "\(name.device) \(absence == nil ? "answers" : "returns")"
        case .deviceVanished(let name, let reason, _, _):
            "\(name.device) vanished: \(reason.word)"
        case .answerGarbled(let name, let request, _): "\(name.device) garbles \(request.start)"
        case .otherFraming(let connection): "\(connection) speaks RTU"
        case .answersLate(let name, let connection, _):
            "\(name.device) answers late on \(connection)"
        case .requestRefused(let name, let request, let exception):
            "\(name.device) refuses \(request.start): \(exception)"
        case .requestAccepted(let name, let request): "\(name.device) accepts \(request.start)"
        case .learnt(let name, let facts, let signals):
            "\(name.device) learns \(facts.map(\.summary).joined(separator: " ")): "
                + signals.joined(separator: " ")
        case .learntUnreadable(_, let mistake): "learnt unreadable: \(mistake)"
        case .learntNotKept(_, let code): "learnt not kept: \(code)"
        case .unlearnt(let name, let fact, _): "\(name.device) forgets \(fact.summary)"
        case .conditionChanged(let transition):
            "\(transition.condition) \(transition.to.rawValue)"
        case .counterReset(let signal, _, _): "\(signal.name) reset"
        case .clockStepped(let step): "clock stepped \(step)"
        case .clockCorrected(let offset): "clock corrected \(offset)"
        case .sealFailed(_, let waiting): "seal failed, \(waiting) waiting"
        case .sealRecovered: "seal recovered"
        case .recordsLost(let loss): "lost \(loss.records)"
        case .recordsAbandoned(let loss): "abandoned \(loss.records)"
        }
    }
}

extension LearntFact {
    /// For comparison in tests.
    var summary: String {
        let how =
            switch refusal {
            case .exception(let code): "\(code)"
            case .silence: "silent"
            }
        return switch matter {
        case .value(let extent):
            "\(table.rawValue) \(extent.lowerBound)..<\(extent.upperBound) (\(how))"
        case .across(let address): "\(table.rawValue) across \(address) (\(how))"
        case .more(let limit): "\(table.rawValue) more than \(limit) (\(how))"
        }
    }
}
