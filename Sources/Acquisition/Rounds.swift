// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Modbus

/// What one line does next, and what an answer or a silence means: all its decisions, no effects.
///
/// The owner asks for the next step, does it, and tells how it went; every telling gives a report.
/// One dead device costs the others one request per back-off step, a refused request costs the
/// device's others nothing, and a lost connection is everybody's.
struct Rounds: Sendable {
    enum Step: Sendable {
        case connect
        case ask(Ask)
        /// Nothing to ask; what to hand over all the same.
        case tell(Report)
        case pause(until: Duration)
    }

    /// One request to be sent now.
    struct Ask: Hashable, Sendable {
        let request: Request
        let timeout: Duration
        /// Which read of the line it is.
        let read: Int
        /// Its slot in the grid; `nil` for a probe.
        let slot: Int?
        /// Among the devices of the line.
        let device: Int
        /// When it was due on its grid; `nil` out of turn.
        let due: Duration?
        let overruns: Int

        /// The same once more, over a new link.
        var again: Ask {
            Ask(
                request: request, timeout: timeout, read: read, slot: slot, device: device,
                due: nil, overruns: 0)
        }
    }

    /// A wait without an end: a line's thread sleeps until it is asked to stop.
    private static let never = Duration.seconds(1 << 31)

    private let plan: LinePlan
    private var schedule: Schedule
    private var devices: [DeviceRound]
    /// Of each read of the line, the index of its device.
    private let deviceOfRead: [Int]
    private var link = LinkWatch()
    private var retry: Ask?
    private var dice: Dice
    private var derived: DerivedWatch

    /// `share` (0 to 1) is the line's place among all lines, so that they do not poll in step.
    init(_ plan: LinePlan, share: Double, dice: Dice) {
        self.plan = plan
        self.dice = dice
        derived = DerivedWatch(plan.devices.flatMap(\.derived))
        var devices: [DeviceRound] = []
        var deviceOfRead: [Int] = []
        var grids: [(period: Duration, phase: Duration)] = []
        for (index, device) in plan.devices.enumerated() {
            let fastest = device.fastest
            let phase = fastest * ((Double(index) + share) / Double(plan.devices.count))
            devices.append(
                DeviceRound(
                    device, firstRead: grids.count,
                    watch: DeviceWatch(period: fastest, phase: phase)))
            for read in device.reads {
                // Slower reads of many devices are spread over the cycles of their period, too.
                let cycles = max(1, Int(read.period / fastest))
                grids.append((read.period, phase + fastest * (index % cycles)))
                deviceOfRead.append(index)
            }
        }
        self.devices = devices
        self.deviceOfRead = deviceOfRead
        schedule = Schedule(grids)
    }
}

// MARK: What to do next

extension Rounds {
    /// The next step; what is due is thereby taken.
    mutating func next(at now: Moment) -> Step {
        if let retry {
            self.retry = nil
            return .ask(retry)
        }
        guard let first = schedule.first else { return .pause(until: Self.never) }
        var wake = first.due
        if let connectDue = link.connectDue {
            guard connectDue > now.monotonic else { return .connect }
            wake = min(wake, connectDue)
        } else if let probe = earliestProbe, probe.due <= first.due {
            guard probe.due <= now.monotonic else { return .pause(until: probe.due) }
            return .ask(ask(probe.read, on: nil))
        }
        guard first.due <= now.monotonic else { return .pause(until: wake) }
        return turn(of: first.read, at: now)
    }

    private mutating func turn(of read: Int, at now: Moment) -> Step {
        let index = deviceOfRead[read]
        guard !devices[index].watch.isResting(at: now.monotonic) else {
            let slot = schedule.take(read, at: now.monotonic).slot
            var report = Report(line: plan.index, at: now)
            devices[index].rest(read, slot: slot, into: &report)
            return .tell(report)
        }
        let readyAt = devices[index].readyAt
        guard readyAt <= now.monotonic else { return .pause(until: readyAt) }
        let turn = schedule.take(read, at: now.monotonic)
        return .ask(ask(read, on: turn))
    }

    /// The smallest request of the offline device that is to be probed first.
    private var earliestProbe: (read: Int, due: Duration)? {
        var earliest: (read: Int, due: Duration)?
        for device in devices {
            guard let due = device.watch.probeDue, due < earliest?.due ?? Self.never,
                let smallest = device.smallestRead
            else { continue }
            earliest = (smallest, due)
        }
        return earliest
    }

    /// What to ask in its turn, or as a probe without one.
    private func ask(_ read: Int, on turn: Schedule.Turn?) -> Ask {
        let device = deviceOfRead[read]
        let request = devices[device].request(of: read)
        return Ask(
            request: request, timeout: plan.timeout(for: request), read: read, slot: turn?.slot,
            device: device, due: turn?.due, overruns: turn?.skipped ?? 0)
    }
}

extension Rounds {
    /// Adds what follows from what a report has observed; every report is completed once.
    mutating func complete(_ report: inout Report) {
        derived.complete(&report)
    }
}

// MARK: How it went

extension Rounds {
    /// The words came, at `now`.
    mutating func answered(_ ask: Ask, with words: [UInt16], at now: Moment) -> Report {
        var report = begin(ask, at: now)
        prove(into: &report)
        let heard = devices[deviceOfRead[ask.read]].answered(ask, with: words, into: &report)
        if heard.wasAway { askAfresh(after: ask, at: now) }
        if heard.isInDoubt { schedule.refresh(ask.read, at: now.monotonic) }
        return report
    }

    /// No words came, at `now`.
    mutating func failed(_ ask: Ask, with error: ModbusError, at now: Moment) -> Report {
        var report = begin(ask, at: now)
        switch error {
        case .refused(let exception) where !Self.isGatewaysOwn(exception):
            prove(into: &report)
            let wasAway = devices[deviceOfRead[ask.read]].refused(ask, exception, into: &report)
            if wasAway { askAfresh(after: ask, at: now) }
        case .refused(let exception):
            prove(into: &report)
            missed(ask, because: .refused(exception: exception), into: &report)
        case .silent:
            prove(into: &report)
            missed(ask, because: .noAnswer, into: &report)
        case .garbled:
            prove(into: &report)
            missed(ask, because: .garbled, into: &report)
        case .broken, .tooManyDescriptors:
            switch link.broke() {
            case .askAgain: retry = ask.again
            case .blameDevice: missed(ask, because: .noAnswer, into: &report)
            case .lost: lose(because: error, into: &report)
            }
        }
        return report
    }

    /// The link is made, for the first time or again; it has yet to prove itself.
    mutating func connected(at now: Moment) {
        guard link.made() else { return }
        for device in devices.indices {
            devices[device].connected()
            for read in devices[device].reads { schedule.refresh(read, at: now.monotonic) }
        }
    }

    /// The link could not be made.
    mutating func notConnected(because error: ModbusError, at now: Moment) -> Report {
        var report = Report(line: plan.index, at: now)
        lose(because: error, into: &report)
        return report
    }

    /// Exceptions 10 and 11 are a gateway's word for a device that it cannot reach
    /// (MODBUS Application Protocol V1.1b3, §7).
    private static func isGatewaysOwn(_ exception: UInt8) -> Bool {
        exception == 10 || exception == 11
    }
}

extension Rounds {
    private mutating func prove(into report: inout Report) {
        let (isNews, absence) = link.proved(at: report.at)
        guard isNews else { return }
        report.isConnected = true
        report.events.append(.connected(connection: plan.name, absence: absence))
    }

    private mutating func begin(_ ask: Ask, at now: Moment) -> Report {
        devices[deviceOfRead[ask.read]].exchanged(at: now)
        return Report(line: plan.index, at: now)
    }

    /// A device is back: whatever else it has is asked at once.
    private mutating func askAfresh(after ask: Ask, at now: Moment) {
        for read in devices[deviceOfRead[ask.read]].reads where read != ask.read {
            schedule.refresh(read, at: now.monotonic)
        }
    }

    private mutating func missed(_ ask: Ask, because reason: Reason, into report: inout Report) {
        devices[deviceOfRead[ask.read]].missed(ask, because: reason, using: &dice, into: &report)
    }

    /// The connection is gone: everything that hangs on it turns bad at once.
    private mutating func lose(because error: ModbusError, into report: inout Report) {
        if link.lost(at: report.at, using: &dice) {
            report.isConnected = false
            report.events.append(.disconnected(connection: plan.name, because: error))
        }
        for index in devices.indices { devices[index].disconnected(into: &report) }
    }
}
