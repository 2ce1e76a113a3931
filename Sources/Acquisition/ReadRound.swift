// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Plant

/// A read on its line's rounds.
struct ReadRound: Sendable {
    let read: ReadPlan.Read
    /// Whether it was ever answered.
    private(set) var isProven = false
    /// The exception with which it was refused when it was last asked.
    var refusal: UInt8?
    /// Whether that refusal was told.
    var isRefusalTold = false
    /// Whether it was left unanswered, and nothing else was answered since: it may be the device.
    var isUnexplained = false
    /// How often in a row it was left unanswered while the device answered something else.
    var silences = 0
    /// How often in a row the device was too busy for it.
    var postponements = 0
    /// Before this time it is not searched for what is refused in it.
    var searchableFrom = Duration.zero
    /// Of each passenger, the turn it last had, in its own period; `noTurn` makes it due at once.
    /// A large plant has many: in 31 bits they begin anew after years, which nobody notices.
    private var turns: [Int32]
    /// Of each passenger that is held against what it read before; empty if there is none.
    private var watches: [CountWatch?]

    private static let noTurn: Int32 = -1

    init(_ read: ReadPlan.Read, of points: [Point]) {
        self.read = read
        turns = Array(repeating: Self.noTurn, count: read.passengers.count)
        let isWatched = read.passengers.contains { points[$0.point].isWatched }
        watches = isWatched ? Self.watches(of: read, points) : []
    }

    @inline(never)
    private static func watches(of read: ReadPlan.Read, _ points: [Point]) -> [CountWatch?] {
        read.passengers.map { passenger in
            let point = points[passenger.point]
            return point.isWatched ? CountWatch(point.source) : nil
        }
    }

    /// Whether something of it was missed that is due again at the next answer.
    var isOwed: Bool { refusal == nil && turns.contains(Self.noTurn) }

    /// Whether it went unanswered when it was last asked.
    var isSilent: Bool { isUnexplained || silences > 0 }

    /// Whether it was answered before, and when it was last asked.
    var isReliable: Bool { isProven && !isSilent }

    /// Whether nothing more is to be found out about it for now.
    var isSettled: Bool { isRefusalTold || isProven && refusal == nil }

    /// The words came: nothing is held against it.
    mutating func wasAnswered() {
        isProven = true
        refusal = nil
        isRefusalTold = false
        isUnexplained = false
        silences = 0
        postponements = 0
    }

    /// Reads the passengers whose turn it is out of an answer; all of them without a `slot`.
    /// Returns whether some of them are in doubt and have to be asked for again at once.
    mutating func answer(
        _ words: [UInt16], slot: Int?, of device: DevicePlan, into report: inout Report
    ) -> Bool {
        var isInDoubt = false
        report.observations.reserveCapacity(read.passengers.count)
        let measures = device.measures
        for (index, passenger) in read.passengers.enumerated() {
            let turn = slot.map { Self.turn(of: passenger, in: $0) } ?? Self.noTurn
            guard turn == Self.noTurn || turns[index] != turn else { continue }
            turns[index] = turn
            guard let measure = measures[passenger.point] else {
                if !answer(index, words, of: device, into: &report) {
                    turns[index] = Self.noTurn
                    isInDoubt = true
                }
                continue
            }
            let words = words.span.extracting(passenger.offset..<words.count)
            report.observations.append(
                .init(
                    signal: device.firstSignal(of: passenger.point),
                    content: measure.content(of: words)))
        }
        return isInDoubt
    }

    /// Reads a passenger that is more than its measure; false while it is in doubt. Not inlined
    /// (`Line.stackSize`).
    @inline(never)
    private mutating func answer(
        _ index: Int, _ words: [UInt16], of device: DevicePlan, into report: inout Report
    ) -> Bool {
        let passenger = read.passengers[index]
        let point = device.points[passenger.point]
        let words = words[passenger.offset..<passenger.offset + point.extent.count]
        var content = point.content(of: words)
        if point.isWatched {
            let count = point.count(in: words, content: content)
            guard let settled = settle(index, content, count, of: device, &report) else {
                return false
            }
            content = settled
        }
        let first = device.firstSignal(of: passenger.point)
        report.observations.append(.init(signal: first, content: content))
        let bits = point.bitContents(of: words, within: content)
        for (position, content) in bits.enumerated() {
            report.observations.append(.init(signal: first + 1 + position, content: content))
        }
        return true
    }

    /// What is to be said of a passenger that is held against what it read before; `nil` while it
    /// is in doubt.
    private mutating func settle(
        _ index: Int, _ content: Reading.Content, _ count: Count?, of device: DevicePlan,
        _ report: inout Report
    ) -> Reading.Content? {
        switch watches[index]?.take(count) {
        case .again:
            return nil
        case .torn:
            return .bad(.garbled)
        case .accepted(let step?):
            let signal = device.firstSignal(of: read.passengers[index].point)
            report.steps.append(Report.Step(signal: signal, step: step))
            return content
        case .accepted(nil), nil:
            return content
        }
    }

    /// Makes the passengers whose turn it is bad; all of them without a `slot`, none of those that
    /// are `known`. They are due again at the next answer.
    mutating func fail(
        _ reason: Reason, slot: Int?, except known: Set<Int> = [], of device: DevicePlan,
        into report: inout Report
    ) {
        for (index, passenger) in read.passengers.enumerated() where isDue(index, in: slot) {
            guard !known.contains(passenger.point) else { continue }
            turns[index] = Self.noTurn
            if !watches.isEmpty { watches[index]?.settle() }
            device.fail(passenger.point, reason, into: &report)
        }
    }

    /// The points that have had their turn in `slot`.
    func served(in slot: Int) -> [Int] {
        read.passengers.indices.filter { !isDue($0, in: slot) }.map { read.passengers[$0].point }
    }

    /// Those of `points` that it has were read otherwise, which counts as their turn in `slot`.
    mutating func serve(_ points: Set<Int>, in slot: Int) {
        for (index, passenger) in read.passengers.enumerated()
        where points.contains(passenger.point) {
            turns[index] = Self.turn(of: passenger, in: slot)
        }
    }

    private func isDue(_ index: Int, in slot: Int?) -> Bool {
        guard let slot, turns[index] != Self.noTurn else { return true }
        return Self.turn(of: read.passengers[index], in: slot) != turns[index]
    }

    private static func turn(of passenger: ReadPlan.Passenger, in slot: Int) -> Int32 {
        let turn = passenger.stride == 1 ? slot : slot / passenger.stride
        return Int32(truncatingIfNeeded: turn) & .max
    }
}

extension DevicePlan {
    /// Makes a point bad, and its bits with it.
    func fail(_ point: Int, _ reason: Reason, into report: inout Report) {
        let first = firstSignal(of: point)
        for signal in first...first + points[point].bits.count {
            report.observations.append(.init(signal: signal, content: .bad(reason)))
        }
    }
}
