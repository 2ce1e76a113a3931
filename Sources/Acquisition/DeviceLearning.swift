// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Modbus

// What a device learns from being refused, and forgets again when it is given.
//
// A block that is refused says nothing of its signals until a search has judged them, one by one,
// or until its next turn has come: then those that are not judged yet are as bad as the block. What
// is found counts once the device has answered something else: a device that refuses every single
// value is refused as a whole, and nothing is learnt from it.

// MARK: Refusals

extension DeviceRound {
    /// It is busy: the same is asked once more in a while, and others are asked meanwhile.
    mutating func postpone(
        _ errand: Errand, _ exception: UInt8, for wait: Duration, into report: inout Report
    ) {
        leaveAlone(for: wait, from: report.at)
        switch errand.purpose {
        case .turn(let index, _):
            itinerary.reads[index].postponements += 1
            if itinerary.reads[index].postponements > Refusal.postponements {
                itinerary.reads[index].postponements = 0
                fail(errand, .refused(exception: exception), into: &report)
                tellRefusal(of: index, exception, into: &report)
            } else {
                itinerary.refresh(index, at: report.at.monotonic)
            }
        case .trial: setBack(at: report.at)
        case .retry: lessons.retry.failed(at: report.at.monotonic)
        case .probe: break
        }
    }

    /// It refuses, and may not the next time.
    mutating func refusedForNow(
        _ errand: Errand, _ exception: UInt8, into report: inout Report
    ) {
        switch errand.purpose {
        case .turn(let index, _):
            fail(errand, .refused(exception: exception), into: &report)
            tellRefusal(of: index, exception, into: &report)
        case .probe: fail(errand, .refused(exception: exception), into: &report)
        case .trial: setBack(at: report.at)
        case .retry: lessons.retry.failed(at: report.at.monotonic)
        }
    }

    /// It refuses, and will again: something in the request is not for this device.
    mutating func refusedForGood(
        _ errand: Errand, _ exception: UInt8, into report: inout Report
    ) {
        switch errand.purpose {
        case .turn(let index, _):
            let isFirst = itinerary.reads[index].refusal == nil && !lessons.refusesAll
            itinerary.reads[index].refusal = exception
            if !isFirst { fail(errand, .refused(exception: exception), into: &report) }
            if !mayStudy(index, at: report.at) {
                tellRefusal(of: index, exception, into: &report)
            } else {
                study(index, .exception(exception), at: report.at)
            }
        case .probe: fail(errand, .refused(exception: exception), into: &report)
        case .trial: judge(.exception(exception), into: &report)
        case .retry: lessons.retry.failed(at: report.at.monotonic)
        }
    }

    private mutating func tellRefusal(
        of index: Int, _ exception: UInt8, into report: inout Report
    ) {
        itinerary.reads[index].refusal = exception
        guard !itinerary.reads[index].isRefusalTold else { return }
        itinerary.reads[index].isRefusalTold = true
        report.events.append(
            .requestRefused(
                plan.name, itinerary.reads[index].read.request, exception: exception))
    }
}

// MARK: Searches

extension DeviceRound {
    private func mayStudy(_ index: Int, at now: Moment) -> Bool {
        !lessons.refusesAll && itinerary.reads[index].searchableFrom <= now.monotonic
    }

    /// Begins to search a block, unless another one is being searched: then it is asked again when
    /// that has ended.
    mutating func study(_ index: Int, _ refusal: LearntFact.Refusal, at now: Moment) {
        guard lessons.search == nil, mayStudy(index, at: now) else { return }
        let read = itinerary.reads[index].read
        let points = read.passengers.map(\.point)
        lessons.search = Lessons.Running(
            read: index, table: read.request.table, period: read.period, refusal: refusal,
            parts: Search(points, at: points.map { plan.points[$0].extent }), due: now.monotonic)
    }

    /// The trial was answered, or not given in this way.
    mutating func judge(_ refusal: LearntFact.Refusal?, into report: inout Report) {
        guard var search = lessons.search else { return }
        let trial = search.parts.trial
        if let refusal, trial.count == 1, let point = trial.first {
            plan.fail(point, refusal.reason, into: &report)
        }
        let conclusion = search.parts.record(isAnswered: refusal == nil)
        search.setbacks = 0
        let pause = refusal == .silence ? Lessons.silentPause : .zero
        search.due = report.at.monotonic + pause
        lessons.search = search
        switch conclusion {
        case nil: break
        case .nothing: endSearch(at: report.at)
        case .found(let matter):
            let fact = LearntFact(
                table: search.table, matter: matter, refusal: refusal ?? search.refusal,
                since: report.at.time)
            learn(fact, isProven: search.isWitnessed, into: &report)
        }
    }

    /// A trial came to nothing; after several the search is given up for now.
    private mutating func setBack(at now: Moment) {
        lessons.search?.setbacks += 1
        lessons.search?.due = now.monotonic + .seconds(1)
        if lessons.search?.setbacks == Lessons.patience { endSearch(at: now) }
    }

    /// The search has no result: its block is asked as it is.
    mutating func endSearch(at now: Moment) {
        guard let search = lessons.search else { return }
        itinerary.reads[search.read].searchableFrom = now.monotonic + Lessons.pause
        itinerary.refresh(search.read, at: now.monotonic)
        searchNext(at: now)
    }

    /// A search has ended: another block that was refused meanwhile has its turn.
    mutating func searchNext(at now: Moment) {
        lessons.search = nil
        for (index, round) in itinerary.reads.enumerated() where mayStudy(index, at: now) {
            guard let exception = round.refusal, Refusal(exception) == .lasting else { continue }
            return study(index, .exception(exception), at: now)
        }
    }

    /// Its connection or the device itself is gone: what is not sure was not learnt.
    mutating func interrupt(at now: Moment) {
        lessons.search = nil
        forgetUnproven(at: now)
    }

    /// The device has just answered in some way: what it left unanswered before, it ignores.
    mutating func explainSilences(into report: inout Report) {
        for index in itinerary.reads.indices where itinerary.reads[index].isUnexplained {
            itinerary.reads[index].isUnexplained = false
            itinerary.reads[index].silences += 1
            if itinerary.reads[index].silences >= Lessons.silences {
                study(index, .silence, at: report.at)
            }
        }
        guard let search = lessons.search, search.isUnexplained else { return }
        lessons.search?.isUnexplained = false
        if search.refusal == .silence {
            judge(.silence, into: &report)
        } else {
            setBack(at: report.at)
        }
    }
}
