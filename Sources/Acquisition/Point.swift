// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment
package import Plant

/// One signal of a profile, ready to be read out of an answer again and again.
///
/// The words that it is given are always those of its whole `extent`, out of one answer: a value is
/// never put together from two.
///
/// An object: the devices of one model share theirs, and to copy a value of so many parts took
/// longer than to decode it.
package final class Point: Sendable {
    /// The wire addresses that must come in one answer for the value to be whole.
    package let extent: Range<Int>
    /// Its line in the profile.
    package let source: ProfileSignal
    /// Numbers of the bits that are signals of their own, in the order of the source's names.
    let bits: [Int]
    /// Whether what it reads has to be held against what it read before.
    let isWatched: Bool
    private let measure: Measure
    private let factor: FactorScaling?

    /// Works out once what is the same for every answer.
    package init(_ source: ProfileSignal) {
        self.source = source
        bits = source.bits.keys.sorted()
        isWatched = source.isWatched
        extent = source.extent
        let scaling = Scaling(scale: source.scale, offset: source.offset)
        measure = Measure(
            start: Int(source.address) - extent.lowerBound, layout: source.layout,
            scaling: scaling, range: source.range)
        factor = source.scaleFactor.map { [extent] in
            FactorScaling($0, scaling, at: Int($0.address) - extent.lowerBound)
        }
    }

    /// Its measure, if that is all there is to it: no word for "not available", no bits, no power of
    /// ten, nothing to hold it against. Its first word is then its first register.
    var plain: Measure? {
        let isPlain =
            source.unavailable.isEmpty && bits.isEmpty && source.field == nil && factor == nil
            && source.utcOffset.isEmpty && !isWatched
        return isPlain ? measure : nil
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
        let word = measure.bits(in: words.span) ?? 0
        return bits.map { .good(.boolean(word >> UInt64($0) & 1 == 1)) }
    }

    /// What the words say of the signal itself.
    package func content(of words: ArraySlice<UInt16>) -> Reading.Content {
        let bits = measure.bits(in: words.span)
        if let bits, source.unavailable.contains(bits) { return .bad(.notAvailable) }
        let raw = raw(of: words, bits)
        var measure = measure
        if let factor {
            switch factor.scaling(in: words.span) {
            case .success(let scaling): measure.scaling = scaling
            case .failure(let flaw): return .bad(flaw.reason)
            }
        }
        guard case .text(let text) = raw else { return measure.content(of: raw) }
        return .good(.text(text + source.utcOffset))
    }
}

extension Point {
    private func raw(of words: ArraySlice<UInt16>, _ bits: UInt64?) -> RegisterLayout.Raw {
        guard let field = source.field, let bits else { return measure.raw(in: words.span) }
        let shifted = bits << UInt64(64 - field.bit - field.width)
        switch source.layout.encoding {
        case .int16, .int32, .int64:
            return .signed(Int64(bitPattern: shifted) >> Int64(64 - field.width))
        default:
            return .unsigned(shifted >> UInt64(64 - field.width))
        }
    }

    /// What a count watch looks at, given what the words say of the signal; `nil` where that is
    /// bad.
    func count(in words: ArraySlice<UInt16>, content: Reading.Content) -> Count? {
        guard case .good(let value) = content else { return nil }
        let bits = measure.bits(in: words.span) ?? 0
        var scaling = measure.scaling
        if case .success(let factored) = factor?.scaling(in: words.span) { scaling = factored }
        return Count(
            value: value, raw: raw(of: words, bits), high: bits >> 16, low: bits & 0xFFFF,
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

    func scaling(in words: Span<UInt16>) -> Result<Scaling, Flaw> {
        let register = words.extracting(offset..<offset + 1)
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
