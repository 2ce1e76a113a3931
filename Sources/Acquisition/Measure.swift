// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Plant

/// How registers are read as a value: nothing but numbers, so that to use one is to count no
/// reference.
struct Measure: Sendable {
    /// Of the first register, among the words that it is given.
    let start: Int
    let layout: RegisterLayout
    var scaling: Scaling
    /// Outside it a number is bad.
    let range: ClosedRange<Double>?

    /// The value's bits, put in order; `nil` for a value of more than 64.
    func bits(in words: Span<UInt16>) -> UInt64? {
        layout.bits(of: words.extracting(start..<start + layout.width))
    }

    /// What the registers hold.
    func raw(in words: Span<UInt16>) -> RegisterLayout.Raw {
        let registers = words.extracting(start..<start + layout.width)
        return layout.raw(of: registers, bits: layout.bits(of: registers) ?? 0)
    }

    /// What they mean.
    func content(of words: Span<UInt16>) -> Reading.Content { content(of: raw(in: words)) }

    func content(of raw: RegisterLayout.Raw) -> Reading.Content {
        switch raw {
        case .boolean(let state): .good(.boolean(state))
        case .text(let text): .good(.text(text))
        case .signed(let whole): number(Double(whole), exact: Value(exactly: whole))
        case .unsigned(let whole): number(Double(whole), exact: Value(exactly: whole))
        case .real(let real): number(real, exact: .number(real))
        case .invalid: .bad(.notAvailable)
        case .nonsense: .bad(.outOfRange)
        }
    }

    /// `exact` is only asked for where a `Double` may not hold the raw number.
    private func number(_ raw: Double, exact: @autoclosure () -> Value) -> Reading.Content {
        let number = scaling.apply(to: raw)
        guard number.isFinite, range?.contains(number) ?? true else { return .bad(.outOfRange) }
        return .good(scaling.isIdentity && abs(raw) >= 0x1p53 ? exact() : .number(number))
    }
}
