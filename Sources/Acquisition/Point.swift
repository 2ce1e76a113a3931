// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment
package import Plant

/// One signal of a profile, ready to be read out of an answer again and again.
///
/// The words that it is given are always those of its whole `extent`, out of one answer: a value is
/// never put together from two.
package struct Point: Sendable {
    /// Its line in the profile.
    package let source: ProfileSignal
    /// Numbers of the bits that are signals of their own, in the order of the source's names.
    let bits: [Int]
    /// The wire addresses that must come in one answer for the value to be whole.
    package let extent: Range<Int>
    /// The value's registers within the extent.
    private let place: Range<Int>
    private let scaling: Scaling
    private let factor: FactorScaling?

    /// Works out once what is the same for every answer.
    package init(_ source: ProfileSignal) {
        self.source = source
        bits = source.bits.keys.sorted()
        extent = source.extent
        let start = Int(source.address) - extent.lowerBound
        place = start..<start + source.layout.width
        scaling = Scaling(scale: source.scale, offset: source.offset)
        factor = source.scaleFactor.map { [scaling, extent] in
            FactorScaling($0, scaling, at: Int($0.address) - extent.lowerBound)
        }
    }

    /// What the words say, for each of the source's names: the word itself, then its bits.
    package func contents(of words: ArraySlice<UInt16>) -> [Reading.Content] {
        let content = content(of: words)
        return [content] + bitContents(of: words, within: content)
    }

    /// What the words say of the bits, given what they say of the word: where that is not
    /// available, out of range or nonsense, its bits are bad alike, being the same registers.
    func bitContents(
        of words: ArraySlice<UInt16>, within content: Reading.Content
    ) -> [Reading.Content] {
        guard !bits.isEmpty else { return [] }
        if case .bad = content { return bits.map { _ in content } }
        let word = source.layout.bits(of: value(in: words)) ?? 0
        return bits.map { .good(.boolean(word >> UInt64($0) & 1 == 1)) }
    }

    /// What the words say of the signal itself.
    package func content(of words: ArraySlice<UInt16>) -> Reading.Content {
        let value = value(in: words)
        let bits = source.layout.bits(of: value)
        if let bits, source.unavailable.contains(bits) { return .bad(.notAvailable) }
        let raw = raw(of: value, bits: bits)
        guard let factor else { return content(of: raw, scaled: scaling) }
        switch factor.scaling(in: words) {
        case .success(let scaling): return content(of: raw, scaled: scaling)
        case .failure(let flaw): return .bad(flaw.reason)
        }
    }

    private func content(of raw: RegisterLayout.Raw, scaled scaling: Scaling) -> Reading.Content {
        switch raw {
        case .boolean(let state): .good(.boolean(state))
        case .text(let text):
            .good(.text(source.utcOffset.isEmpty ? text : text + source.utcOffset))
        case .signed(let whole):
            number(Double(whole), scaled: scaling, exact: Value(exactly: whole))
        case .unsigned(let whole):
            number(Double(whole), scaled: scaling, exact: Value(exactly: whole))
        case .real(let real): number(real, scaled: scaling, exact: .number(real))
        case .invalid: .bad(.notAvailable)
        case .nonsense: .bad(.outOfRange)
        }
    }

    /// `exact` is only asked for where a `Double` may not hold the raw number.
    private func number(
        _ raw: Double, scaled scaling: Scaling, exact: @autoclosure () -> Value
    ) -> Reading.Content {
        let number = scaling.apply(to: raw)
        guard number.isFinite, source.range?.contains(number) ?? true else {
            return .bad(.outOfRange)
        }
        return .good(scaling.isIdentity && abs(raw) >= 0x1p53 ? exact() : .number(number))
    }
}

extension Point {
    private func value(in words: ArraySlice<UInt16>) -> ArraySlice<UInt16> {
        let start = words.startIndex
        return words[start + place.lowerBound..<start + place.upperBound]
    }

    private func raw(of value: ArraySlice<UInt16>, bits: UInt64?) -> RegisterLayout.Raw {
        guard let field = source.field, let bits else {
            return source.layout.raw(of: value, bits: bits ?? 0)
        }
        let shifted = bits << UInt64(64 - field.bit - field.width)
        switch source.layout.encoding {
        case .int16, .int32, .int64:
            return .signed(Int64(bitPattern: shifted) >> Int64(64 - field.width))
        default:
            return .unsigned(shifted >> UInt64(64 - field.width))
        }
    }

    /// Whether what it reads has to be held against what it read before.
    var isWatched: Bool { source.isWatched }

    /// What a count watch looks at, given what the words say of the signal; `nil` where that is
    /// bad.
    func count(in words: ArraySlice<UInt16>, content: Reading.Content) -> Count? {
        guard case .good(let value) = content else { return nil }
        let registers = self.value(in: words)
        let bits = source.layout.bits(of: registers) ?? 0
        var scaling = scaling
        if case .success(let factored) = factor?.scaling(in: words) { scaling = factored }
        return Count(
            value: value, raw: raw(of: registers, bits: bits), high: bits >> 16,
            low: bits & 0xFFFF,
            modulus: source.counter?.rollover.map { scaling.apply(to: $0) - scaling.apply(to: 0) },
            scaling: scaling)
    }
}

/// A scale for each power of ten that a register may name, worked out beforehand.
private struct FactorScaling: Sendable {
    enum Flaw: Error {
        case notAvailable, nonsense

        var reason: Reason { self == .notAvailable ? .notAvailable : .outOfRange }
    }

    private let source: ScaleFactor
    /// Of its register within the extent.
    private let offset: Int
    /// One for each exponent, the least first.
    private let scalings: [Scaling]

    init(_ source: ScaleFactor, _ scaling: Scaling, at offset: Int) {
        self.source = source
        self.offset = offset
        scalings = ScaleFactor.exponents.map(scaling.shifted)
    }

    func scaling(in words: ArraySlice<UInt16>) -> Result<Scaling, Flaw> {
        let index = words.startIndex + offset
        let register = words[index...index]
        let bits = source.layout.bits(of: register) ?? 0
        guard !source.unavailable.contains(bits) else { return .failure(.notAvailable) }
        let exponent: Int? =
            switch source.layout.raw(of: register, bits: bits) {
            case .signed(let whole): Int(exactly: whole)
            case .unsigned(let whole): Int(exactly: whole)
            default: nil
            }
        guard let exponent, ScaleFactor.exponents.contains(exponent) else {
            return .failure(.nonsense)
        }
        return .success(scalings[exponent - ScaleFactor.exponents.lowerBound])
    }
}

extension ProfileSignal {
    /// Whether what is read of it has to be held against what was read before.
    var isWatched: Bool { counter != nil || isConfirmed }
}
