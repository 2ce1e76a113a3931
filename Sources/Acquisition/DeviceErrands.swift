// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Modbus

// What a device wants next: its reads in their turns, a probe, a trial of a search, a rare retry.
//
// `mutating` is also what changes nothing: a device is then asked where it lies, and not copied for
// it. What is rare is not inlined (`Line.stackSize`).

extension DeviceRound {
    private enum Wish {
        case probe, trial
        case turn(Int)
        case retry
    }

    /// How urgently it wants something; `nil` if it has nothing to ask for.
    mutating func claim(at now: Duration) -> Claim? { wish(at: now)?.claim }

    private mutating func wish(at now: Duration) -> (wish: Wish, claim: Claim)? {
        var first: (wish: Wish, claim: Claim)?
        func consider(_ wish: Wish, _ claim: Claim) {
            if let first, !claim.precedes(first.claim, at: now) { return }
            first = (wish, claim)
        }
        if let due = watch.probeDue { consider(.probe, Claim(due: due, period: plan.fastest)) }
        if let (read, claim) = itinerary.first(at: now) { consider(.turn(read), claim) }
        if watch.state != .offline {
            if let claim = lessons.searchClaim {
                consider(.trial, claim.notBefore(watch.restsUntil))
            } else if !itinerary.learnt.facts.isEmpty, !lessons.refusesAll {
                let claim = Claim(due: lessons.retry.due, period: RareRetry.patience)
                consider(.retry, claim.notBefore(watch.restsUntil))
            }
        }
        guard let (wish, claim) = first else { return nil }
        return (wish, readyAt > now ? claim.notBefore(readyAt) : claim)
    }

    /// Takes what it wants most, which is due: an errand, or `nil` where something is only told.
    @inline(never)
    mutating func next(at now: Duration, into report: inout Report) -> Errand? {
        switch wish(at: now)?.wish {
        case nil: return nil
        case .probe: return Errand(read: probe(), purpose: .probe)
        case .retry: return retry(at: now)
        case .trial: return trial()
        case .turn(let read): return turn(of: read, at: now, into: &report)
        }
    }

    /// A read has its turn. While the device may be gone, one that was answered before goes first,
    /// or a probe: if that is answered, it is the other request that is at fault.
    private mutating func turn(
        of first: Int, at now: Duration, into report: inout Report
    ) -> Errand? {
        if watch.isResting(at: now) || lessons.search?.read == first {
            rest(first, at: now, into: &report)
            return nil
        }
        let isDoubtful = watch.state == .suspect && !itinerary.reads[first].isReliable
        guard let read = isDoubtful ? substitute(for: first, at: now) : first else {
            return Errand(read: probe(), purpose: .probe)
        }
        let turn = itinerary.take(read, at: now)
        return Errand(
            read: itinerary.reads[read].read, purpose: .turn(read: read, slot: turn.slot),
            due: turn.due, overruns: turn.skipped)
    }

    /// What is asked in place of a read while the device may be gone; `nil`: a probe.
    @inline(never)
    private mutating func substitute(for read: Int, at now: Duration) -> Int? {
        if let other = itinerary.first(at: now, where: \.isReliable), other.claim.due <= now {
            return other.read
        }
        return probe().request == itinerary.reads[read].read.request ? read : nil
    }

    /// A read whose turn it is, and which is not asked, is as bad as the last that was.
    @inline(never)
    private mutating func rest(_ read: Int, at now: Duration, into report: inout Report) {
        var (reason, known) = (watch.reason, Set<Int>())
        if !watch.isResting(at: now), let search = lessons.search {
            (reason, known) = (search.reason, search.parts.judged)
        }
        let slot = itinerary.take(read, at: now).slot
        itinerary.reads[read].fail(reason, slot: slot, except: known, of: plan, into: &report)
    }

    /// Part of a block that is searched; a probe while nobody knows whether it was the device.
    @inline(never)
    private mutating func trial() -> Errand {
        guard let search = lessons.search, !search.isUnexplained else {
            return Errand(read: probe(), purpose: .probe)
        }
        return Errand(read: plan.read(search.parts.trial), purpose: .trial)
    }

    /// The shortest value of a read, of one that was answered if possible; of each in turn.
    @inline(never)
    private mutating func probe() -> ReadPlan.Read {
        func length(_ point: Int) -> Int { plan.points[point].extent.count }
        let values = itinerary.reads.compactMap { round in
            round.read.passengers.map(\.point).min { length($0) < length($1) }
                .map { (point: $0, isSilent: round.isSilent) }
        }
        .sorted {
            ($0.isSilent ? 1 : 0, length($0.point)) < ($1.isSilent ? 1 : 0, length($1.point))
        }
        return plan.read([values[lostProbes % values.count].point])
    }

    @inline(never)
    private mutating func retry(at now: Duration) -> Errand? {
        let learnt = itinerary.learnt
        guard let fact = lessons.retry.next(of: learnt.facts),
            let read = plan.trial(of: fact, knowing: learnt)
        else {
            lessons.retry.failed(at: now)
            return nil
        }
        return Errand(read: read, purpose: .retry(fact))
    }
}
