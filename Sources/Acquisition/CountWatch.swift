// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Plant

/// A number as its device holds it, beside what it means.
struct Count: Equatable, Sendable {
    let value: Value
    let raw: RegisterLayout.Raw
    /// All its registers but the least significant; 0 where it has only one.
    let high: UInt64
    /// The least significant register.
    let low: UInt64
    /// Where it starts again at 0, in the signal's unit.
    let modulus: Double?
    /// What made `value` of `raw`.
    let scaling: Scaling
}

/// A counter that was found lower than before.
struct CounterStep: Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        /// It came round: what it counted in between is `to - from + modulus`.
        case rollover
        /// It was set, or exchanged: what it counted in between is not known.
        case reset
    }

    let kind: Kind
    /// The last value read before, and the first after.
    let from: Value
    let to: Value
    /// In the signal's unit.
    let modulus: Double?
}

/// Holds what one signal reads against what it read before: no torn value passes, and no counter
/// goes back unseen.
///
/// Devices may change the registers of a number one by one, and an answer in between holds the new
/// low word with the old high one, or the other way round. So a number does not stand that has not
/// the higher registers of the last one, or a low one that seems to have come round: below the last
/// one in a counter, half of its range away elsewhere. It is asked for again, until an answer
/// follows from the one before, in this sense; that one counts. Where both are the very same, and
/// words of before and after can make that number, the device may stand in between: a third is
/// asked for. A value: it is told what was read, and says what to do. It knows nothing of the time
/// before the start: what happened then is not judged.
///
/// So nothing torn passes of a device that has all its words after a pause (two pauses, once a
/// number was accepted), as long as the number moves by less than the low register holds, or half
/// of that if it is no counter, within a pause and one of the device's own updates; and, unless the
/// counter had other higher registers at the poll before, too, from poll to poll. Where it had,
/// every answer is asked for again.
struct CountWatch: Equatable, Sendable {
    /// How often a number is asked for again before it is given up: a device that never answers the
    /// same twice must not have the line for itself.
    static let mostTries = 3
    /// How long to wait before it is asked for again: two answers in the same moment would be torn
    /// alike, and devices were seen to take tens of milliseconds from one word to the next.
    static let pause = Duration.milliseconds(150)
    /// A counter that came round was within this share of its modulus before, and is after. A wider
    /// one would take a meter exchanged at four fifths for one that came round; who counts a tenth
    /// of the modulus in a period has to poll more often.
    static let share = 0.1

    enum Verdict: Equatable, Sendable {
        /// It stands; if it is lower than the last one, how.
        case accepted(CounterStep?)
        /// Ask again, and say nothing until then.
        case again
        /// No two answers agreed.
        case torn
    }

    private let isCounter: Bool
    private let isConfirmed: Bool
    private var last: Count?
    /// The answer before, while there is doubt.
    private var doubted: Count?
    private var tries = 0
    /// Whether two answers agreed that were the very same.
    private var isStill = false
    /// Whether the last one accepted had other higher registers than the one before.
    private var isFast = false

    /// Of a signal that is watched.
    init(_ source: ProfileSignal) {
        isCounter = source.counter != nil
        isConfirmed = source.layout.width > 1
    }

    /// Whether a signal may be asked for again.
    static func mayAskAgain(for source: ProfileSignal) -> Bool {
        source.isWatched && source.layout.width > 1
    }

    /// Takes what an answer says; `nil` is no number, and ends any doubt.
    mutating func take(_ count: Count?) -> Verdict {
        guard let count else {
            settle()
            return .accepted(nil)
        }
        let goesBack = isCounter && last.map { count.isBelow($0) } ?? false
        if isConfirmed, !isSure(of: count) {
            guard tries < Self.mostTries else {
                settle()
                return .torn
            }
            tries += 1
            isStill = doubted == count
            doubted = count
            return .again
        }
        settle()
        isFast = isCounter && last.map { $0.high != count.high } ?? false
        defer { last = count }
        return .accepted(goesBack ? last.map { CounterStep(from: $0, to: count) } : nil)
    }

    /// Whether `count` is no mixture of what was and what is.
    private func isSure(of count: Count) -> Bool {
        guard let doubted else { return !isFast && last.map { follows($0, count) } ?? false }
        guard follows(doubted, count) else { return false }
        return isStill || doubted != count || !mayBeMixed(count)
    }

    /// Whether `count` may be what became of `former` while its low register did not come round.
    private func follows(_ former: Count, _ count: Count) -> Bool {
        guard count.high == former.high else { return false }
        return isCounter
            ? !count.isBelow(former) : count.low.distance(to: former.low).magnitude < 1 << 15
    }

    /// Whether words of the last number accepted and of one that follows can make `count`.
    private func mayBeMixed(_ count: Count) -> Bool {
        guard let last else { return false }
        guard isCounter, !isFast else { return true }
        return count.high == last.high ? count.low < last.low : count.low >= last.low
    }

    /// No answer came: what was doubted is forgotten.
    mutating func settle() {
        doubted = nil
        tries = 0
        isStill = false
    }
}

extension Count {
    /// Whether the raw number is lower; numbers of another scale factor are not compared.
    fileprivate func isBelow(_ other: Count) -> Bool {
        guard scaling == other.scaling else { return false }
        return switch (raw, other.raw) {
        case (.signed(let one), .signed(let two)): one < two
        case (.unsigned(let one), .unsigned(let two)): one < two
        case (.real(let one), .real(let two)): one < two
        default: false
        }
    }
}

extension CounterStep {
    fileprivate init(from: Count, to: Count) {
        var kind = Kind.reset
        let zero = to.scaling.apply(to: 0)
        if let modulus = to.modulus, let before = from.value.number, let after = to.value.number,
            before - zero >= (1 - CountWatch.share) * modulus,
            (0...CountWatch.share * modulus).contains(after - zero)
        {
            kind = .rollover
        }
        self.init(kind: kind, from: from.value, to: to.value, modulus: to.modulus)
    }
}
