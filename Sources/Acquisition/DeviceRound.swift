// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Modbus

/// A device on its line's rounds: what it wants next, and what an answer or a silence means for it
/// and for its signals.
struct DeviceRound: Sendable {
    /// Something to ask it, and why.
    struct Errand: Sendable {
        enum Purpose: Sendable {
            /// A read has its turn, in a slot of its grid.
            case turn(read: Int, slot: Int)
            /// Does it answer at all?
            case probe
            /// Which part of a refused block is it?
            case trial
            /// Is it given by now?
            case retry(LearntFact)
        }

        let read: ReadPlan.Read
        let purpose: Purpose
        /// When it was due on its grid; `nil` out of turn.
        var due: Duration?
        /// Slots that passed before it.
        var overruns = 0
    }

    let plan: DevicePlan
    private(set) var watch: DeviceWatch
    var itinerary: Itinerary
    var lessons: Lessons
    private var promptness = Promptness()
    /// When it will have had its quiet time.
    private(set) var readyAt = Duration.zero
    /// Counts the probes that were not answered: they go round its reads.
    private(set) var lostProbes = 0
    /// The state last reported.
    private var told = DeviceState.unknown

    /// `phase` is the line's offset for it, `place` its place among the devices of the line.
    init(_ plan: DevicePlan, knowing learnt: Learnt, phase: Duration, place: Int) {
        self.plan = plan
        watch = DeviceWatch(period: plan.fastest, phase: phase)
        itinerary = Itinerary(plan, knowing: learnt, phase: phase, place: place)
        lessons = Lessons()
    }
}

extension DeviceRound {
    /// How long to wait for an answer that takes `predicted` on the wire, if it is so silent now
    /// that all the time there is would be a waste. What has just gone unanswered itself, and may
    /// be answered late, needs that time to tell one answer from the other.
    mutating func shortTimeout(for errand: Errand, predicted: Duration) -> Duration? {
        guard let factor = watch.patienceFactor else { return nil }
        switch errand.purpose {
        case .trial, .retry: return nil
        case .turn(let read, _) where itinerary.reads[read].isSilent: return nil
        case .turn, .probe: break
        }
        return promptness.patience(predicted: predicted).map { $0 * factor }
    }

    /// It has answered after `elapsed`, of which the wire took `predicted`. What it is like when
    /// it has just been away says nothing.
    mutating func learn(_ elapsed: Duration, predicted: Duration) {
        if watch.state == .answering { promptness.learn(elapsed, predicted: predicted) }
    }
}

// MARK: How it went

extension DeviceRound {
    /// An exchange with it has ended, however it went: its quiet time begins.
    mutating func exchanged(at now: Moment) {
        readyAt = now.monotonic + plan.requestGap
    }

    /// Its connection is back: everything is asked afresh.
    mutating func connected(at now: Moment) {
        watch.connected()
        itinerary.refresh(at: now.monotonic) { _ in true }
    }

    /// Its connection is gone.
    mutating func disconnected(into report: inout Report) {
        watch.disconnected(at: report.at)
        interrupt(at: report.at)
        failAll(.notConnected, into: &report)
        note(into: &report)
    }

    /// The words came.
    mutating func answered(_ errand: Errand, with words: [UInt16], into report: inout Report) {
        let wasAway = heard(into: &report)
        if wasAway { makeUp(for: errand, at: report.at) }
        if lessons.refusesAll { itinerary.refresh(at: report.at.monotonic) { _ in true } }
        believe(errand.read.request, into: &report)
        switch errand.purpose {
        case .turn(let index, let slot):
            let isInDoubt = itinerary.reads[index].answer(
                words, slot: slot, of: plan, into: &report)
            if isInDoubt { itinerary.refresh(index, at: report.at.monotonic + CountWatch.pause) }
            if itinerary.reads[index].isRefusalTold {
                report.events.append(.requestAccepted(plan.name, errand.read.request))
            }
            itinerary.reads[index].wasAnswered()
        case .probe: observe(words, errand.read, into: &report)
        case .trial:
            observe(words, errand.read, into: &report)
            judge(nil, into: &report)
        case .retry(let fact):
            // Planned anew first: what is then observed has had its turn in the new plan.
            forget(fact, after: errand.read.request.count, into: &report)
            observe(words, errand.read, into: &report)
        }
        conclude(into: &report)
    }

    /// It said no to this request, which is an answer.
    mutating func refused(_ errand: Errand, _ exception: UInt8, into report: inout Report) {
        if heard(into: &report) { makeUp(for: errand, at: report.at) }
        switch Refusal(exception) {
        case .busy(let wait): postpone(errand, exception, for: wait, into: &report)
        case .passing: refusedForNow(errand, exception, into: &report)
        case .lasting: refusedForGood(errand, exception, into: &report)
        }
        conclude(into: &report)
    }

    /// Nothing usable came. When that makes it offline, all its signals turn bad, else only those
    /// that were asked for.
    mutating func missed(
        _ errand: Errand, because reason: Reason, using dice: inout Dice,
        into report: inout Report
    ) {
        switch errand.purpose {
        case .retry: return lessons.retry.failed(at: report.at.monotonic)
        case .trial where reason == .noAnswer: return lessons.trialWentUnanswered(at: report.at)
        case .turn(let index, _) where reason == .noAnswer:
            itinerary.reads[index].isUnexplained = true
        case .probe: lostProbes += 1
        case .turn, .trial: break
        }
        let change = watch.failed(because: reason, at: report.at, using: &dice)
        if case .vanished(let reason, let since) = change {
            report.events.append(
                .deviceVanished(plan.name, because: reason, since: since.time))
            interrupt(at: report.at)
            failAll(reason, into: &report)
        } else {
            fail(errand, reason, into: &report)
        }
        note(into: &report)
    }

    /// Leaves it alone for a while, as it asked for.
    mutating func leaveAlone(for wait: Duration, from now: Moment) {
        readyAt = max(readyAt, now.monotonic + wait)
    }

    /// Makes bad what was asked for.
    mutating func fail(_ errand: Errand, _ reason: Reason, into report: inout Report) {
        if case .turn(let index, let slot) = errand.purpose {
            itinerary.reads[index].fail(reason, slot: slot, of: plan, into: &report)
        } else {
            var round = ReadRound(errand.read, of: plan.points)
            round.fail(reason, slot: nil, of: plan, into: &report)
        }
    }
}

extension DeviceRound {
    /// It answered in some way; returns whether it had been away.
    private mutating func heard(into report: inout Report) -> Bool {
        let wasAway = [.suspect, .offline].contains(watch.state)
        lostProbes = 0
        if case .answered(let absence) = watch.answered(at: report.at) {
            report.events.append(.deviceAnswers(plan.name, absence: absence))
            lessons.returned(at: report.at, absence: absence)
        }
        return wasAway
    }

    /// It is back: whatever else of it was missed is asked at once.
    private mutating func makeUp(for errand: Errand, at now: Moment) {
        itinerary.refresh(at: now.monotonic) { $0.isOwed && $0.read != errand.read }
    }

    /// What follows from its having answered in some way.
    private mutating func conclude(into report: inout Report) {
        explainSilences(into: &report)
        tellLearnt(into: &report)
        tellRefused(into: &report)
        note(into: &report)
    }

    /// Reads an answer out of turn, but for what can only be judged by what came before in turn, and
    /// for what has had its reading.
    private mutating func observe(
        _ words: [UInt16], _ read: ReadPlan.Read, into report: inout Report
    ) {
        let now = report.at.monotonic
        let served = itinerary.served(at: now)
        let passengers = read.passengers.filter {
            !plan.points[$0.point].isWatched && !served.contains($0.point)
        }
        var round = ReadRound(
            ReadPlan.Read(
                request: read.request, period: read.period, passengers: passengers,
                waste: read.waste),
            of: plan.points)
        _ = round.answer(words, slot: nil, of: plan, into: &report)
        itinerary.serve(Set(passengers.map(\.point)), at: now)
    }

    private mutating func failAll(_ reason: Reason, into report: inout Report) {
        for index in itinerary.reads.indices {
            itinerary.reads[index].fail(reason, slot: nil, of: plan, into: &report)
        }
        for (point, _) in refusedPoints { plan.fail(point, reason, into: &report) }
        lessons.refusedTold = nil
    }

    /// Reports its state if that has changed.
    private mutating func note(into report: inout Report) {
        var state = watch.state
        if state == .answering, lessons.search == nil, lessons.unproven.isEmpty,
            itinerary.reads.allSatisfy({ $0.refusal != nil })
        {
            state = .refused
        }
        guard state != told else { return }
        told = state
        report.devices.append(Report.DeviceChange(device: plan.index, state: state))
    }
}
