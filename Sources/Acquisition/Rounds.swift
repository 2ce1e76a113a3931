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
        let read: Int
        /// Its slot in the grid; `nil` for a probe.
        let slot: Int?
        let overruns: Int

        /// The same once more, over a new link.
        var again: Ask {
            Ask(request: request, timeout: timeout, read: read, slot: slot, overruns: 0)
        }
    }

    /// A wait without an end: a line's thread sleeps until it is asked to stop.
    private static let never = Duration.seconds(1 << 31)

    private let plan: LinePlan
    private var schedule: Schedule
    private var devices: [DeviceRound]
    private var reads: [ReadRound]
    private var link = LinkWatch()
    private var retry: Ask?
    private var dice: Dice

    /// `share` (0 to 1) is the line's place among all lines, so that they do not poll in step.
    init(_ plan: LinePlan, share: Double, dice: Dice) {
        self.plan = plan
        self.dice = dice
        devices = []
        reads = []
        var grids: [(period: Duration, phase: Duration)] = []
        for (index, device) in plan.devices.enumerated() {
            let fastest = device.fastest
            let phase = fastest * ((Double(index) + share) / Double(plan.devices.count))
            devices.append(
                DeviceRound(
                    plan: device, reads: reads.count..<reads.count + device.reads.count,
                    watch: DeviceWatch(period: fastest, phase: phase)))
            for read in device.reads {
                // Slower reads of many devices are spread over the cycles of their period, too.
                let cycles = max(1, Int(read.period / fastest))
                grids.append((read.period, phase + fastest * (index % cycles)))
                reads.append(ReadRound(device: index, read: read))
            }
        }
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
            return .ask(ask(probe.read, slot: nil, overruns: 0))
        }
        guard first.due <= now.monotonic else { return .pause(until: wake) }
        return turn(of: first.read, at: now)
    }

    private mutating func turn(of read: Int, at now: Moment) -> Step {
        let device = devices[reads[read].device]
        guard !device.watch.isResting(at: now.monotonic) else {
            let slot = schedule.take(read, at: now.monotonic).slot
            var report = Report(line: plan.index, at: now)
            reads[read].fail(device.watch.reason, slot: slot, of: device.plan, into: &report)
            return .tell(report)
        }
        guard device.readyAt <= now.monotonic else { return .pause(until: device.readyAt) }
        let turn = schedule.take(read, at: now.monotonic)
        return .ask(ask(read, slot: turn.slot, overruns: turn.skipped))
    }

    /// The smallest request of the offline device that is to be probed first.
    private var earliestProbe: (read: Int, due: Duration)? {
        var earliest: (read: Int, due: Duration)?
        for device in devices {
            guard let due = device.watch.probeDue, due < earliest?.due ?? Self.never,
                let smallest = device.reads.min(by: {
                    reads[$0].read.request.count < reads[$1].read.request.count
                })
            else { continue }
            earliest = (smallest, due)
        }
        return earliest
    }

    private func ask(_ read: Int, slot: Int?, overruns: Int) -> Ask {
        let request = reads[read].read.request
        return Ask(
            request: request, timeout: plan.timeout(for: request), read: read, slot: slot,
            overruns: overruns)
    }
}

// MARK: How it went

extension Rounds {
    /// The words came, at `now`.
    mutating func answered(_ ask: Ask, with words: [UInt16], at now: Moment) -> Report {
        var report = begin(ask, at: now, failed: false)
        prove(into: &report)
        let index = reads[ask.read].device
        reads[ask.read].answer(words, slot: ask.slot, of: devices[index].plan, into: &report)
        if reads[ask.read].refusal != nil {
            reads[ask.read].refusal = nil
            report.events.append(.requestAccepted(devices[index].plan.name, ask.request))
        }
        heard(from: index, by: ask, into: &report)
        return report
    }

    /// No words came, at `now`.
    mutating func failed(_ ask: Ask, with error: ModbusError, at now: Moment) -> Report {
        var report = begin(ask, at: now, failed: true)
        switch error {
        case .refused(let exception) where !Self.isGatewaysOwn(exception):
            prove(into: &report)
            refused(ask, exception, into: &report)
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
            devices[device].watch.connected()
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

    private mutating func begin(_ ask: Ask, at now: Moment, failed: Bool) -> Report {
        let index = reads[ask.read].device
        devices[index].readyAt = now.monotonic + devices[index].plan.requestGap
        var report = Report(line: plan.index, at: now)
        report.tally.polls = 1
        report.tally.failures = failed ? 1 : 0
        report.tally.overruns = ask.overruns
        return report
    }

    /// The device said something, be it no.
    private mutating func heard(from index: Int, by ask: Ask, into report: inout Report) {
        let wasAway = devices[index].watch.probeDue != nil
        if case .answered(let absence) = devices[index].watch.answered(at: report.at) {
            report.events.append(.deviceAnswers(devices[index].plan.name, absence: absence))
        }
        if wasAway {
            for read in devices[index].reads where read != ask.read {
                schedule.refresh(read, at: report.at.monotonic)
            }
        }
        note(index, into: &report)
    }

    private mutating func refused(_ ask: Ask, _ exception: UInt8, into report: inout Report) {
        let index = reads[ask.read].device
        let reason = Reason.refused(exception: exception)
        reads[ask.read].fail(reason, slot: ask.slot, of: devices[index].plan, into: &report)
        if reads[ask.read].refusal == nil {
            report.events.append(
                .requestRefused(devices[index].plan.name, ask.request, exception: exception))
        }
        reads[ask.read].refusal = exception
        heard(from: index, by: ask, into: &report)
    }

    private mutating func missed(_ ask: Ask, because reason: Reason, into report: inout Report) {
        let index = reads[ask.read].device
        let device = devices[index].plan
        let change = devices[index].watch.failed(because: reason, at: report.at, using: &dice)
        if case .vanished(let reason, let since) = change {
            report.events.append(
                .deviceVanished(device.name, because: reason, since: since.time))
            for read in devices[index].reads {
                reads[read].fail(reason, slot: nil, of: device, into: &report)
            }
        } else {
            reads[ask.read].fail(reason, slot: ask.slot, of: device, into: &report)
        }
        note(index, into: &report)
    }

    /// The connection is gone: everything that hangs on it turns bad at once.
    private mutating func lose(because error: ModbusError, into report: inout Report) {
        if link.lost(at: report.at, using: &dice) {
            report.isConnected = false
            report.events.append(.disconnected(connection: plan.name, because: error))
        }
        for index in devices.indices {
            devices[index].watch.disconnected(at: report.at)
            for read in devices[index].reads {
                reads[read].fail(.notConnected, slot: nil, of: devices[index].plan, into: &report)
            }
            note(index, into: &report)
        }
    }

    /// Reports the device's state if it has changed.
    private mutating func note(_ index: Int, into report: inout Report) {
        let device = devices[index]
        var state = device.watch.state
        if state == .answering, device.reads.allSatisfy({ reads[$0].refusal != nil }) {
            state = .refused
        }
        guard state != device.told else { return }
        devices[index].told = state
        report.devices.append(Report.DeviceChange(device: device.plan.index, state: state))
    }
}
