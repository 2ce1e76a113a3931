// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Where a device's rounds lead: its reads, planned with what was learnt of it, and their turns.
struct Itinerary: Sendable {
    private let plan: DevicePlan
    private let phase: Duration
    /// Its place among the devices of the line: slower reads of many are spread over the cycles of
    /// their period, too.
    private let place: Int
    private(set) var learnt: Learnt
    var reads: [ReadRound]
    private var schedule: Schedule

    init(_ plan: DevicePlan, knowing learnt: Learnt, phase: Duration, place: Int) {
        self.plan = plan
        self.learnt = learnt
        self.phase = phase
        self.place = place
        reads = plan.reads(knowing: learnt).map { ReadRound($0, of: plan.points) }
        schedule = Schedule([])
        schedule.replace(with: reads.map { (grid(of: $0.read), nil) }, at: .zero)
    }

    private func grid(of read: ReadPlan.Read) -> Schedule.Grid {
        let cycles = max(1, Int(read.period / plan.fastest))
        return Schedule.Grid(period: read.period, phase: phase + plan.fastest * (place % cycles))
    }
}

extension Itinerary {
    /// The read whose turn is next, among those that `isWanted`.
    func first(
        at now: Duration, where isWanted: (ReadRound) -> Bool = { _ in true }
    ) -> (read: Int, claim: Claim)? {
        schedule.first(at: now) { isWanted(reads[$0]) }
    }

    /// Gives a read its turn.
    mutating func take(_ read: Int, at now: Duration) -> Schedule.Turn {
        schedule.take(read, at: now)
    }

    /// Makes a read due at once.
    mutating func refresh(_ read: Int, at now: Duration) {
        schedule.refresh(read, at: now)
    }

    /// Makes all reads due at once that `isWanted`.
    mutating func refresh(at now: Duration, where isWanted: (ReadRound) -> Bool) {
        for index in reads.indices where isWanted(reads[index]) {
            schedule.refresh(index, at: now)
        }
    }

    /// The points that have had a reading for the turn that they are in.
    func served(at now: Duration) -> Set<Int> {
        Set(reads.indices.flatMap { reads[$0].served(in: schedule.slot(of: $0, at: now)) })
    }

    /// These points have had a reading out of turn: there is none but that for this turn.
    mutating func serve(_ points: Set<Int>, at now: Duration) {
        for index in reads.indices {
            reads[index].serve(points, in: schedule.slot(of: index, at: now))
        }
    }

    /// Plans anew with what is known now; reads that stay as they are keep their turns, the others
    /// are due at once, for what has had none. Returns whether that makes a difference.
    mutating func know(_ learnt: Learnt, at now: Duration) -> Bool {
        self.learnt = learnt
        let planned = plan.reads(knowing: learnt)
        guard planned != reads.map(\.read) else { return false }
        let places = Dictionary(
            uniqueKeysWithValues: reads.indices.map { (reads[$0].read, $0) })
        let formers = planned.map { places[$0] }
        let served = served(at: now)
        schedule.replace(with: zip(planned.map(grid), formers).map { ($0, $1) }, at: now)
        reads = zip(planned, formers).map { read, former in
            former.map { reads[$0] } ?? ReadRound(read, of: plan.points)
        }
        serve(served, at: now)
        return true
    }
}
