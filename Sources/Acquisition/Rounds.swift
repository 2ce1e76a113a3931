// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Modbus

/// What one line does next, and what an answer or a silence means: all its decisions, no effects.
///
/// The owner asks for the next step, does it, and tells how it went; every telling gives a report.
/// Here it is decided which device has its turn, and what a failure says of the link that all of
/// them share; what each device wants and learns is its own `DeviceRound`. One dead device costs
/// the others one request per back-off step, a refused request costs the device's others nothing,
/// and a lost connection is everybody's.
struct Rounds: Sendable {
    enum Step: Sendable {
        case connect
        case ask(Ask)
        /// Nothing to ask; what to hand over all the same. Indirect, or every step would be as large.
        indirect case tell(Report)
        case pause(until: Duration)
    }

    /// One request to be sent now.
    struct Ask: Sendable {
        let request: Request
        let timeout: Duration
        /// Which device of the line is asked.
        let device: Int
        let errand: DeviceRound.Errand

        /// When it was due on its grid; `nil` out of turn.
        var due: Duration? { errand.due }
        var overruns: Int { errand.overruns }

        /// The same once more, over a new link.
        fileprivate var again: Ask {
            var errand = errand
            (errand.due, errand.overruns) = (nil, 0)
            return Ask(request: request, timeout: timeout, device: device, errand: errand)
        }
    }

    /// A wait without an end: a line's thread sleeps until it is asked to stop.
    private static let never = Duration.seconds(1 << 31)

    private let plan: LinePlan
    private var devices: [DeviceRound]
    private var link = LinkWatch()
    private var retry: Ask?
    /// Whether it was told that the endpoint speaks another framing than is configured.
    private var hasToldFraming = false
    private var latecomers: Latecomers
    /// When the last request went out, as far as is known here.
    private var askedAt = Duration.zero
    private var haste: Haste
    private var dice: Dice
    private var derived: DerivedWatch

    /// `share` (0 to 1) is when in their period its polls begin (`PollPlan.shares`), with the first
    /// device, and the others evenly after it; `learnt` is what is known of devices, by their index in
    /// the plan.
    init(_ plan: LinePlan, share: Double, dice: Dice, knowing learnt: [Int: Learnt] = [:]) {
        self.plan = plan
        self.dice = dice
        haste = Haste(on: plan.endpoint)
        latecomers = Latecomers(timeout: plan.timeout)
        derived = DerivedWatch(plan.devices.flatMap(\.derived))
        devices = plan.devices.enumerated().map { place, device in
            DeviceRound(
                device, knowing: learnt[device.index] ?? Learnt(),
                phase: device.fastest
                    * (Double(place) / Double(plan.devices.count) + share)
                    .truncatingRemainder(dividingBy: 1),
                place: place)
        }
    }
}

// MARK: What to do next

extension Rounds {
    /// The next step; what is due is thereby taken. Not inlined (`Line.stackSize`): an
    /// exchange needs none of it.
    @inline(never)
    mutating func next(at now: Moment) -> Step {
        askedAt = now.monotonic
        if let retry {
            self.retry = nil
            return .ask(retry)
        }
        guard let (device, claim) = first(at: now.monotonic) else {
            return .pause(until: Self.never)
        }
        var wake = claim.due
        if let connectDue = link.connectDue {
            guard connectDue > now.monotonic else { return .connect }
            wake = min(wake, connectDue)
        }
        guard claim.due <= now.monotonic else { return .pause(until: wake) }
        var report = Report(line: plan.index, at: now)
        guard let errand = devices[device].next(at: now.monotonic, into: &report) else {
            return .tell(report)
        }
        return .ask(ask(device, errand))
    }

    @inline(never)
    private mutating func ask(_ device: Int, _ errand: DeviceRound.Errand) -> Ask {
        let request = errand.read.request
        let longest = plan.timeout(for: request)
        let short =
            haste.isGood
            ? devices[device].shortTimeout(for: errand, predicted: plan.wireTime(of: request)) : nil
        return Ask(
            request: request, timeout: min(short ?? longest, longest), device: device,
            errand: errand)
    }

    /// The device whose turn is next, due or not.
    private mutating func first(at now: Duration) -> (device: Int, claim: Claim)? {
        var first: (device: Int, claim: Claim)?
        for index in devices.indices {
            guard let claim = devices[index].claim(at: now) else { continue }
            if let first, !claim.precedes(first.claim, at: now) { continue }
            first = (index, claim)
        }
        return first
    }
}

extension Rounds {
    /// Adds what follows from what a report has observed; every report is completed once. Not
    /// inlined, as `next`.
    @inline(never)
    mutating func complete(_ report: inout Report) {
        derived.complete(&report)
        if !hasToldFraming, let link = report.link, link.otherFraming > 0 {
            hasToldFraming = true
            report.events.append(.otherFraming(connection: plan.name))
        }
        if let late = report.link.flatMap({ latecomers.news(in: $0) }) {
            report.events += plan.events(of: late)
        }
    }
}

// MARK: How it went

extension Rounds {
    /// The words came, at `now`.
    mutating func answered(_ ask: Ask, with words: [UInt16], at now: Moment) -> Report {
        var report = begin(ask, at: now)
        prove(into: &report)
        haste.answered(ask.device)
        devices[ask.device].learn(
            now.monotonic - askedAt, predicted: plan.wireTime(of: ask.request))
        devices[ask.device].answered(ask.errand, with: words, into: &report)
        return report
    }

    /// No words came, at `now`.
    mutating func failed(_ ask: Ask, with error: ModbusError, at now: Moment) -> Report {
        var report = begin(ask, at: now)
        note(ask, failedWith: error)
        switch error {
        case .refused(let exception) where !Self.isGatewaysOwn(exception):
            prove(into: &report)
            devices[ask.device].refused(ask.errand, exception, into: &report)
        case .refused(let exception):
            prove(into: &report)
            missed(ask, because: .refused(exception: exception), into: &report)
        case .silent:
            prove(into: &report)
            unanswered(ask, because: .noAnswer, into: &report)
        case .garbled:
            prove(into: &report)
            unanswered(ask, because: .garbled, into: &report)
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
        askedAt = now.monotonic
        guard link.made() else { return }
        haste = Haste(on: plan.endpoint)
        for device in devices.indices { devices[device].connected(at: now) }
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
        devices[ask.device].exchanged(at: now)
        return Report(line: plan.index, at: now)
    }

    private mutating func note(_ ask: Ask, failedWith error: ModbusError) {
        let index = ask.device
        switch error {
        case .silent, .garbled:
            haste.failed(
                index, wasAnswering: devices[index].watch.state == .answering,
                wasHasty: ask.timeout < plan.timeout(for: ask.request))
        case .refused: haste.answered(index)
        case .broken, .tooManyDescriptors: break
        }
    }

    private mutating func missed(_ ask: Ask, because reason: Reason, into report: inout Report) {
        devices[ask.device].missed(ask.errand, because: reason, using: &dice, into: &report)
    }

    /// It may be answered late: that is waited for without the line, by all devices of the unit.
    private mutating func unanswered(
        _ ask: Ask, because reason: Reason, into report: inout Report
    ) {
        missed(ask, because: reason, into: &report)
        let asked = report.at.monotonic - askedAt
        let caution = plan.endpoint.caution(after: ask.timeout) - asked
        for index in devices.indices where devices[index].plan.unit == ask.request.unit {
            devices[index].leaveAlone(for: caution, from: report.at)
        }
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
