// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Glibc
internal import Plant

/// A derived signal of a device, with the places of its inputs in the plan.
struct DerivedPlan: Sendable {
    let source: DerivedSignal
    /// Index of the signal among all of the plan.
    let signal: Int
    /// Indices of its inputs, in the order of the profile.
    let inputs: [Int]
    /// That of its slowest input.
    let period: Duration

    /// Those of `profile`, whose signals begin at `firstSignals`; they take indices from `next` on.
    static func all(
        of profile: Profile, _ firstSignals: [Int], _ periods: [Duration], next: Int
    ) -> [DerivedPlan] {
        var known: [String: (signal: Int, period: Duration)] = [:]
        for (index, signal) in profile.signals.enumerated() {
            known[signal.name] = (firstSignals[index], periods[index])
        }
        return profile.derived.enumerated().map { index, source in
            let inputs = source.inputs.map { name in
                guard let input = known[name] else {
                    preconditionFailure("a profile derives signals from those above")
                }
                return input
            }
            let period = inputs.map(\.period).max() ?? Configuration.Default.every
            known[source.name] = (next + index, period)
            return DerivedPlan(
                source: source, signal: next + index, inputs: inputs.map(\.signal), period: period)
        }
    }
}

extension DerivedSignal {
    /// What follows from its inputs, in the order of the profile; as bad as the first that is, and
    /// bad where it would be no finite number, as with nothing to divide by.
    func content(of inputs: [Reading.Content]) -> Reading.Content {
        var values: [Value] = []
        var doubt: Reason?
        for input in inputs {
            switch input {
            case .bad(let reason):
                return .bad(reason)
            case .uncertain(let value, let reason):
                doubt = doubt ?? reason
                values.append(value)
            case .good(let value):
                values.append(value)
            }
        }
        guard let value = value(of: values), let number = value.number,
            range?.contains(number) ?? true
        else { return .bad(.outOfRange) }
        return doubt.map { .uncertain(value, $0) } ?? .good(value)
    }

    /// `nil` where it would be no finite number.
    private func value(of inputs: [Value]) -> Value? {
        if scale == 1, let whole = operation.whole(of: inputs) { return Value(exactly: whole) }
        let numbers = inputs.compactMap(\.number)
        guard numbers.count == inputs.count, let result = operation.result(of: numbers) else {
            return nil
        }
        let value = Scaling(scale: scale, offset: 0).apply(to: result)
        return value.isFinite ? .number(value) : nil
    }
}

extension DerivedSignal.Operation {
    /// Sums and differences of whole numbers, which a `Double` holds up to 2^53 only; `nil` where
    /// one is none, and where 64 bits cannot hold the result.
    fileprivate func whole(of inputs: [Value]) -> Int128? {
        let numbers = inputs.compactMap(\.whole)
        guard numbers.count == inputs.count else { return nil }
        let result: Int128
        switch self {
        case .sum: result = numbers.reduce(0, +)
        case .difference: result = numbers[0] - numbers[1]
        case .ratio, .unbalance: return nil
        }
        return (Int128(Int64.min)...Int128(UInt64.max)).contains(result) ? result : nil
    }
}

extension Value {
    /// `nil` for what is no whole number of 64 bits.
    fileprivate var whole: Int128? {
        switch self {
        case .integer(let whole): Int128(whole)
        case .unsigned(let whole): Int128(whole)
        case .number(let number):
            Int64(exactly: number).map { Int128($0) } ?? UInt64(exactly: number).map { Int128($0) }
        case .boolean, .text: nil
        }
    }
}

extension DerivedSignal.Operation {
    /// A `Double` keeps fifteen decimal digits: what lies beyond is its own doing, as in
    /// 230.4 - 230.3.
    private static let digits = 15
    /// More digits than any quantity is measured with.
    private static let digitsOfRatio = 9

    /// `nil` where there is no such number; it may be infinite.
    fileprivate func result(of numbers: [Double]) -> Double? {
        let greatest = numbers.reduce(0) { max($0, abs($1)) }
        switch self {
        case .sum:
            return Self.round(numbers.reduce(0, +), to: Self.digits, of: greatest)
        case .difference:
            return Self.round(numbers[0] - numbers[1], to: Self.digits, of: greatest)
        case .ratio:
            guard numbers[1] != 0 else { return nil }
            let ratio = numbers[0] / numbers[1]
            return Self.round(ratio, to: Self.digitsOfRatio, of: abs(ratio))
        case .unbalance:
            let mean = numbers.reduce(0, +) / Double(numbers.count)
            guard mean > 0 else { return nil }
            let deviation = numbers.reduce(0) { max($0, abs($1 - mean)) }
            let unbalance = 100 * deviation / mean
            return Self.round(unbalance, to: Self.digitsOfRatio, of: unbalance)
        }
    }

    /// `number` to so many significant digits of `magnitude`.
    private static func round(_ number: Double, to digits: Int, of magnitude: Double) -> Double {
        guard magnitude > 0, magnitude.isFinite else { return number }
        let decimals = digits - 1 - Int(log10(magnitude).rounded(.down))
        // Powers of ten up to the 22nd are exact.
        guard (0...22).contains(decimals) else { return number }
        let power = pow(10, Double(decimals))
        let rounded = (number * power).rounded() / power
        return rounded.isFinite ? rounded : number
    }
}
