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
/// low word with the old high one. So a number whose higher registers are not those of the last one
/// accepted, and a counter that goes back, is asked for again, until two answers in a row agree in
/// the higher registers; the later of them counts. A value: it is told what was read, and says what
/// to do. It knows nothing of the time before the start: what happened then is not judged.
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
    /// The higher registers of the answer before, while there is doubt.
    private var doubted: UInt64?
    private var tries = 0

    init(_ source: ProfileSignal) {
        isCounter = source.counter != nil
        isConfirmed = source.layout.width > 1
    }

    /// Takes what an answer says; `nil` is no number, and ends any doubt.
    mutating func take(_ count: Count?) -> Verdict {
        guard let count else {
            settle()
            return .accepted(nil)
        }
        let goesBack = isCounter && last.map { count.isBelow($0) } ?? false
        if isConfirmed, doubted ?? last?.high != count.high || goesBack && doubted == nil {
            guard tries < Self.mostTries else {
                settle()
                return .torn
            }
            tries += 1
            doubted = count.high
            return .again
        }
        settle()
        defer { last = count }
        return .accepted(goesBack ? last.map { CounterStep(from: $0, to: count) } : nil)
    }

    /// No answer came: what was doubted is forgotten.
    mutating func settle() {
        doubted = nil
        tries = 0
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
