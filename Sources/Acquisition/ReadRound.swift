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
        watches = read.passengers.map { passenger in
            let point = points[passenger.point]
            return point.isWatched ? CountWatch(point.source) : nil
        }
        if watches.allSatisfy({ $0 == nil }) { watches = [] }
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
        // Used where they lie: to copy a point costs more than what is asked of it.
        let all = device.points
        let (points, words) = (all.span, words.span)
        for (index, passenger) in read.passengers.enumerated() {
            let turn = slot.map { Self.turn(of: passenger, in: $0) } ?? Self.noTurn
            guard turn == Self.noTurn || turns[index] != turn else { continue }
            turns[index] = turn
            let place = passenger.point
            let extent = passenger.offset..<passenger.offset + points[place].extent.count
            let words = words.extracting(extent)
            var content = points[place].content(of: words)
            if !watches.isEmpty, watches[index] != nil {
                let settled = settle(index, content, place, words, of: device, &report)
                guard let settled else {
                    turns[index] = Self.noTurn
                    isInDoubt = true
                    continue
                }
                content = settled
            }
            report.observations.append(.init(signal: device.firstSignal(of: place), content: content))
            if points[place].hasBits {
                device.observeBits(of: place, words, within: content, into: &report)
            }
        }
        return isInDoubt
    }

    /// What is to be said of a passenger that is held against what it read before; `nil` while it
    /// is in doubt. Not inlined: each of 850 threads pays for the stack of what is rarely needed.
    @inline(never)
    private mutating func settle(
        _ index: Int, _ content: Reading.Content, _ place: Int, _ words: Span<UInt16>,
        of device: DevicePlan, _ report: inout Report
    ) -> Reading.Content? {
        let point = device.points[place]
        switch watches[index]?.take(point.count(in: words, content: content)) {
        case .again:
            return nil
        case .torn:
            return .bad(.garbled)
        case .accepted(let step?):
            report.steps.append(Report.Step(signal: device.firstSignal(of: place), step: step))
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
    /// What an answer's words say of a point's bits, given what they say of the point.
    @inline(never)
    fileprivate func observeBits(
        of point: Int, _ words: Span<UInt16>, within content: Reading.Content,
        into report: inout Report
    ) {
        let bits = points[point].bitContents(of: words, within: content)
        for (position, content) in bits.enumerated() {
            report.observations.append(
                .init(signal: firstSignal(of: point) + 1 + position, content: content))
        }
    }

    /// Makes a point bad, and its bits with it.
    func fail(_ point: Int, _ reason: Reason, into report: inout Report) {
        let first = firstSignal(of: point)
        for signal in first...first + points[point].bits.count {
            report.observations.append(.init(signal: signal, content: .bad(reason)))
        }
    }
}
