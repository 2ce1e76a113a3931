// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// value = raw × scale + offset, rounded once where scale and offset are decimal fractions.
///
/// Multiplying 3 by the binary neighbour of 0.1 gives 0.30000000000000004; dividing 3 by 10 gives
/// the number that is meant. So a decimal scale is taken as the whole numbers it was written with.
struct Scaling: Hashable, Sendable {
    private enum Form: Hashable, Sendable {
        case identity
        /// (raw × multiplier + addend) ÷ divisor, all of them whole numbers.
        case decimal(multiplier: Double, addend: Double, divisor: Double)
        /// raw ÷ divisor + offset, the divisor a whole number such as 1024.
        case quotient(divisor: Double, offset: Double)
        case linear(scale: Double, offset: Double)
    }

    /// More decimals than any profile states.
    private static let mostDecimals = 9
    /// A 32-bit word times this is still a whole number that a `Double` holds exactly.
    private static let largestMultiplier = 1e6
    private static let largestAddend = 1e12

    private let form: Form

    init(scale: Double, offset: Double) {
        guard scale != 1 || offset != 0 else {
            form = .identity
            return
        }
        var divisor = 1.0
        for _ in 0...Self.mostDecimals {
            let (multiplier, addend) = ((scale * divisor).rounded(), (offset * divisor).rounded())
            if multiplier / divisor == scale, addend / divisor == offset,
                abs(multiplier) <= Self.largestMultiplier, abs(addend) <= Self.largestAddend
            {
                form = .decimal(multiplier: multiplier, addend: addend, divisor: divisor)
                return
            }
            divisor *= 10
        }
        let inverse = (1 / scale).rounded()
        form =
            1 / inverse == scale
            ? .quotient(divisor: inverse, offset: offset) : .linear(scale: scale, offset: offset)
    }

    private init(_ form: Form) { self.form = form }

    /// The same for a raw number times 10 to the power of `exponent`: 3 with an exponent of -1 is
    /// 0.3, and not what 3 × 0.1 comes to.
    func shifted(by exponent: Int) -> Scaling {
        let power = (0..<abs(exponent)).reduce(1.0) { power, _ in power * 10 }
        let (up, down) = exponent < 0 ? (1, power) : (power, 1)
        switch form {
        case _ where exponent == 0: return self
        case .identity: return Scaling(.decimal(multiplier: up, addend: 0, divisor: down))
        case .decimal(let multiplier, let addend, let divisor):
            return Scaling(
                .decimal(
                    multiplier: multiplier * up, addend: addend * down, divisor: divisor * down))
        case .quotient(let divisor, let offset):
            return Scaling(.linear(scale: up / (divisor * down), offset: offset))
        case .linear(let scale, let offset):
            return Scaling(.linear(scale: scale * up / down, offset: offset))
        }
    }

    /// Whether the raw number is the value as it stands, so that 64-bit numbers stay exact.
    var isIdentity: Bool { form == .identity }

    /// May overflow to infinity; the caller looks. Zero has no sign.
    func apply(to raw: Double) -> Double {
        let value =
            switch form {
            case .identity: raw
            case .decimal(let multiplier, let addend, let divisor):
                (raw * multiplier + addend) / divisor
            case .quotient(let divisor, let offset): raw / divisor + offset
            case .linear(let scale, let offset): raw * scale + offset
            }
        return value == 0 ? 0 : value
    }
}
