// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Synchronization

@testable import Acquisition
@testable import Plant

/// One poll as the line made it.
struct Poll: Hashable, Sendable {
    let unit: UInt8
    let isGood: Bool
    let took: Duration
    let deadline: Duration

    /// Of the whole request, drain and reconnection included.
    var ratio: Double { took / deadline }
}

/// What the registers of two units hold, so that each value tells where and when it was read:
/// the first of each block counts the polls, any other is its own unit, table and address.
enum Registers {
    static let units: ClosedRange<UInt8> = 1...2
    /// The unit that misbehaves; the other is its neighbour.
    static let troubled: UInt8 = 1
    static let width = 4
    /// Of one shape, so that any of their answers could pass for another's.
    static let blocks: [(table: Table, start: UInt16)] = [
        (.holding, 0), (.holding, 100), (.holding, 200), (.input, 0),
    ]

    static var signals: [ProfileSignal] {
        blocks.flatMap { block in
            (0..<UInt16(width)).map { offset in
                .sample(
                    name: "\(block.table.rawValue)-\(block.start + offset)", table: block.table,
                    at: block.start + offset)
            }
        }
    }

    static func word(_ unit: UInt8, _ table: Table, _ address: UInt16) -> UInt16 {
        UInt16(unit) << 12 | UInt16(table.function) << 9 | address
    }

    /// What a signal of the plan must show; nil for a counter.
    static func expected(of signal: Int) -> UInt16? {
        let (device, place) = signal.quotientAndRemainder(dividingBy: blocks.count * width)
        let (block, offset) = place.quotientAndRemainder(dividingBy: width)
        guard offset > 0 else { return nil }
        return word(
            UInt8(device + 1), blocks[block].table, blocks[block].start + UInt16(offset))
    }

    static func serve(by server: ModbusServer) {
        for unit in units {
            for (table, start) in blocks {
                let words = (0..<UInt16(width)).map { word(unit, table, start + $0) }
                server.set(words, unit: unit, table: table, at: start)
            }
        }
    }
}

/// What the source below has done, told to the thread that drives it.
final class PollLog: Sendable {
    let polls = Mutex<[Poll]>([])
    /// Of the poll that is made; an answer to any earlier question has an earlier one.
    let turn = Mutex<UInt16>(0)
}

/// A real link, watched; before each poll the counters of the polled unit go on by one.
struct WatchedLink: PointSource, ~Copyable {
    private var link: Link
    private let server: ModbusServer
    private let log: PollLog

    init(to server: ModbusServer, _ log: PollLog, heeding line: Line) {
        link = Link(to: server.endpoint, heeding: line)
        self.server = server
        self.log = log
    }

    var isConnected: Bool { link.isConnected }
    var counts: LinkCounts { link.counts }

    mutating func connect(within timeout: Duration) throws(ModbusError) {
        try link.connect(within: timeout)
    }

    mutating func read(
        _ request: Request, within timeout: Duration
    ) throws(ModbusError) -> [UInt16] {
        let turn = log.turn.withLock { turn in
            turn &+= 1
            return turn
        }
        for (table, start) in Registers.blocks {
            server.set([turn], unit: request.unit, table: table, at: start)
        }
        let began = ContinuousClock.now
        let outcome: Result<[UInt16], ModbusError>
        do throws(ModbusError) {
            outcome = .success(try link.read(request, within: timeout))
        } catch {
            outcome = .failure(error)
        }
        let poll = Poll(
            unit: request.unit, isGood: (try? outcome.get()) != nil, took: .now - began,
            deadline: timeout)
        log.polls.withLock { $0.append(poll) }
        return try outcome.get()
    }
}

/// A line with two units, of which the first misbehaves on request, polled by the gateway's own
/// rounds over a real link. The waits between polls are mostly left out: the rounds' clock is
/// set forward instead, so that a back-off of a minute costs nothing.
struct TroubledLine: ~Copyable {
    /// Whether the waits between polls are left out.
    enum Waits { case atOnce, inRealTime }

    /// What is left of each wait: a line is never quite without a pause.
    private static let pause = Duration.milliseconds(2)
    private static let farAway = Duration.seconds(1 << 30)

    private final class Skips: Sendable {
        private let began = ContinuousClock.now
        private let skipped = Mutex(Duration.zero)

        var now: Moment {
            let monotonic = (.now - began) + skipped.withLock(\.self)
            return .at(monotonic / .seconds(1))
        }

        func skip(to time: Duration) {
            let left = time - now.monotonic
            if left > .zero { skipped.withLock { $0 += left } }
        }
    }

    private let server: ModbusServer
    private let line: Line
    private let log = PollLog()
    private let clock = Skips()
    private var poller: LinePoller<WatchedLink>
    private(set) var tally = FaultRow.Tally()

    init(_ way: Way, timeout: Duration, heeding line: Line) throws(ModbusError) {
        // A device thinks for a moment: what comes unasked may come in between.
        server = try ModbusServer(
            way.place, pace: .init(bytesPerSecond: 10_000_000, turnaround: .milliseconds(1)))
        Registers.serve(by: server)
        self.line = line
        let profile = Profile.sample(Registers.signals, maxRegisters: Registers.width, maxGap: 0)
        let plan = PollPlan(
            .sample([profile, profile], endpoint: server.endpoint, timeout: timeout))
        let clock = clock
        poller = LinePoller(
            Rounds(plan.lines[0], share: 0, dice: Dice(seed: 1)),
            source: WatchedLink(to: server, log, heeding: line), timeout: timeout,
            now: { clock.now })
    }

    var endpoint: Endpoint { server.endpoint }
    var polls: [Poll] { log.polls.withLock(\.self) }
    var connections: Int { server.connections }

    func commit(_ fault: Fault?, unit: UInt8 = Registers.troubled) {
        server.commit(fault, unit: unit)
    }

    /// Polls until the misbehaving unit has been asked so many times more, and for so long at
    /// least; returns these polls, and those of the other unit between them. `before` is called
    /// ahead of each step with the number of polls so far.
    mutating func poll(
        _ count: Int, _ waits: Waits = .atOnce, for duration: Duration = .zero,
        before: (borrowing TroubledLine, Int) -> Void = { _, _ in }
    ) -> [Poll] {
        let start = polls.count
        let end = ContinuousClock.now + duration
        var asked = 0
        while asked < count || end > .now, !line.isStopping {
            before(self, asked)
            let (line, clock) = (line, clock)
            let report = poller.advance { until in
                guard until < Self.farAway else { return .stop }
                if waits == .inRealTime {
                    return line.pause(until: .now + (until - clock.now.monotonic))
                }
                clock.skip(to: until)
                return line.pause(until: .now + Self.pause)
            }
            guard let report else { break }
            judge(report)
            asked = polls[start...].count { $0.unit == Registers.troubled }
        }
        return Array(polls[start...])
    }

    private mutating func judge(_ report: Report) {
        let turn = log.turn.withLock(\.self)
        for observation in report.observations {
            switch observation.content {
            case .good(.number(let number)), .uncertain(.number(let number), _):
                let expected = Registers.expected(of: observation.signal) ?? turn
                if number == Double(expected) {
                    tally.right += 1
                } else {
                    tally.wrong += 1
                    tally.mistakes.append(
                        "signal \(observation.signal): \(number) for \(expected)")
                }
            case .bad(let reason): tally.bad[reason.word, default: 0] += 1
            default: tally.wrong += 1
            }
        }
    }
}
