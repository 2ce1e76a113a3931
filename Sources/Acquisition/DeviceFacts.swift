// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Modbus

// What a device is known not to give: believed, told, forgotten when it is given after all.

extension DeviceRound {
    /// The device has answered a request: what was found out while it answered nothing is true.
    mutating func believe(_ request: Request, into report: inout Report) {
        lessons.refusesAll = false
        lessons.search?.isWitnessed = true
        if lessons.search?.table == request.table {
            lessons.search?.parts.witness(request.count)
        }
        guard !lessons.unproven.isEmpty else { return }
        lessons.keepToTell(lessons.unproven, at: report.at)
        // Most of it may have been refused only while everything was.
        lessons.retry.hurry(
            at: report.at.monotonic, from: itinerary.learnt.facts.count - lessons.unproven.count)
        lessons.unproven = []
        noteLearnt(into: &report)
    }

    mutating func learn(
        _ fact: LearntFact, isProven: Bool, into report: inout Report
    ) {
        let before = itinerary.learnt
        var learnt = before
        learnt.add(fact)
        guard itinerary.know(learnt, at: report.at.monotonic) else {
            _ = itinerary.know(before, at: report.at.monotonic)
            return endSearch(at: report.at)
        }
        searchNext(at: report.at)
        guard !itinerary.reads.isEmpty else {
            return refuseAll(fact, into: &report)
        }
        if isProven {
            lessons.keepToTell([fact], at: report.at)
            lessons.retry = RareRetry(from: report.at.monotonic)
            noteLearnt(into: &report)
        } else {
            lessons.unproven.append(fact)
        }
    }

    /// Every value was refused, and nothing answered in between.
    private mutating func refuseAll(_ last: LearntFact, into report: inout Report) {
        lessons.refusesAll = true
        lessons.unproven.append(last)
        forgetUnproven(at: report.at)
        guard case .exception(let exception) = last.refusal else { return }
        for index in itinerary.reads.indices { itinerary.reads[index].refusal = exception }
        lessons.refusedTold = nil
    }

    mutating func forgetUnproven(at now: Moment) {
        guard !lessons.unproven.isEmpty else { return }
        let learnt = Learnt(
            itinerary.learnt.facts.filter { !lessons.unproven.contains($0) })
        lessons.unproven = []
        _ = itinerary.know(learnt, at: now.monotonic)
    }

    /// What it refused is given after all, or an answer of `count` registers, which was too long.
    mutating func forget(_ fact: LearntFact, after count: Int, into report: inout Report) {
        var learnt = itinerary.learnt
        learnt.remove(fact)
        var longer: LearntFact?
        if case .more = fact.matter {
            let raised = LearntFact(
                table: fact.table, matter: .more(than: count), refusal: fact.refusal,
                since: fact.since)
            longer = plan.trial(of: raised, knowing: learnt) == nil ? nil : raised
        }
        if let longer {
            learnt.add(longer)
        } else {
            report.events.append(.unlearnt(plan.name, fact, signals: plan.names(of: fact)))
        }
        _ = itinerary.know(learnt, at: report.at.monotonic)
        lessons.retry.hurry(
            at: report.at.monotonic, from: longer.flatMap(learnt.facts.firstIndex))
        noteLearnt(into: &report)
    }

    private func noteLearnt(into report: inout Report) {
        let facts = itinerary.learnt.facts.filter { !lessons.unproven.contains($0) }
        report.learnt = Report.LearntChange(device: plan.index, facts: facts)
    }

    /// Tells what was learnt when nothing more is being found out: of one kind in one line.
    mutating func tellLearnt(into report: inout Report) {
        guard let since = lessons.untoldSince else { return }
        let isQuiet =
            lessons.search == nil && lessons.unproven.isEmpty
            && itinerary.reads.allSatisfy(\.isSettled)
        guard isQuiet || report.at.monotonic - since >= Lessons.pause else { return }
        let learnt = itinerary.learnt.facts
        var rest = lessons.takeUntold().filter(learnt.contains)
        while let first = rest.first {
            let alike = rest.filter { $0.isAlike(first) }
            rest.removeAll { $0.isAlike(first) }
            report.events.append(
                .learnt(plan.name, alike, signals: alike.flatMap(plan.names)))
        }
    }

    /// Points that are not asked for, and why their signals are bad.
    var refusedPoints: [(point: Int, reason: Reason)] {
        let learnt = itinerary.learnt
        guard !learnt.facts.isEmpty else { return [] }
        return plan.points.indices.compactMap { point in
            learnt.refusal(of: plan.points[point]).map { (point, $0.reason) }
        }
    }

    /// Signals that are not asked for are reported as refused now and then, as those are that are.
    mutating func tellRefused(into report: inout Report) {
        let now = report.at.monotonic
        guard !itinerary.learnt.facts.isEmpty,
            lessons.refusedTold.map({ now - $0 >= SignalWatch.beat / 2 }) ?? true
        else { return }
        lessons.refusedTold = now
        for (point, reason) in refusedPoints { plan.fail(point, reason, into: &report) }
    }
}

extension LearntFact {
    /// Whether one line can tell of both.
    fileprivate func isAlike(_ other: LearntFact) -> Bool {
        guard table == other.table, refusal == other.refusal else { return false }
        return switch (matter, other.matter) {
        case (.value, .value), (.across, .across), (.more, .more): true
        default: false
        }
    }
}
