// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment
package import Plant

extension RegisterLayout.Order {
    /// CDAB and DCBA send the least significant register first.
    fileprivate var reversesRegisters: Bool { self == .cdab || self == .dcba }
    /// BADC and DCBA send the low byte of each register first.
    fileprivate var swapsBytes: Bool { self == .badc || self == .dcba }
}

extension RegisterLayout {
    /// What the registers hold, before any meaning: a number, a Boolean, a text, or nothing that
    /// the type could hold.
    enum Raw: Hashable, Sendable {
        case signed(Int64)
        case unsigned(UInt64)
        case real(Double)
        case boolean(Bool)
        case text(String)
        /// A bit pattern that is no value of the type: a BCD digit above 9, a mod10k word above
        /// 9999, a text that is not printable UTF-8, a NaN or an infinity.
        case nonsense
    }

    /// The register that comes `position`-th when the most significant is counted first.
    private func register(_ position: Int, of words: ArraySlice<UInt16>) -> UInt16 {
        let index =
            order.reversesRegisters ? words.endIndex - 1 - position : words.startIndex + position
        return order.swapsBytes ? words[index].byteSwapped : words[index]
    }

    /// The bits of a value of up to 64 bits, put in order; `nil` for a longer one.
    func bits(of words: ArraySlice<UInt16>) -> UInt64? {
        guard words.count <= 4 else { return nil }
        return (0..<words.count).reduce(0) { $0 << 16 | UInt64(register($1, of: words)) }
    }

    /// Reads the type out of `words`, which are exactly `width` registers or bits.
    func raw(of words: ArraySlice<UInt16>) -> Raw {
        precondition(words.count == width, "a read plan fetches whole values")
        let bits = bits(of: words) ?? 0
        switch encoding {
        case .bool: return .boolean(bits != 0)
        case .int16: return .signed(Int64(Int16(truncatingIfNeeded: bits)))
        case .int32: return .signed(Int64(Int32(truncatingIfNeeded: bits)))
        case .int64: return .signed(Int64(bitPattern: bits))
        case .uint16, .uint32, .uint64: return .unsigned(bits)
        case .float16: return .finite(Double(Float16(bitPattern: UInt16(truncatingIfNeeded: bits))))
        case .float32: return .finite(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
        case .float64: return .finite(Double(bitPattern: bits))
        case .bcd16, .bcd32: return .digits(of: bits, count: width * 4)
        case .mod10k: return mod10k(words)
        case .string: return text(words)
        }
    }

    /// Σ register × 10000ⁿ, the most significant register first in ABCD.
    private func mod10k(_ words: ArraySlice<UInt16>) -> Raw {
        var sum: UInt64 = 0
        for position in 0..<words.count {
            let word = UInt64(register(position, of: words))
            let (product, overflows) = sum.multipliedReportingOverflow(by: 10_000)
            guard word <= 9_999, !overflows, product <= .max - word else { return .nonsense }
            sum = product + word
        }
        return .unsigned(sum)
    }

    /// Two characters a register, high byte first in ABCD, up to the first NUL, without the spaces
    /// that pad it.
    private func text(_ words: ArraySlice<UInt16>) -> Raw {
        var bytes: [UInt8] = []
        for position in 0..<words.count {
            let word = register(position, of: words)
            bytes += [UInt8(word >> 8), UInt8(word & 0xFF)]
        }
        bytes = Array(bytes.prefix { $0 != 0 })
        while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
            let text = String(validating: bytes, as: UTF8.self)
        else { return .nonsense }
        return .text(text)
    }
}

extension RegisterLayout.Raw {
    fileprivate static func finite(_ number: Double) -> Self {
        number.isFinite ? .real(number) : .nonsense
    }

    /// Binary-coded decimal, four bits a digit.
    fileprivate static func digits(of bits: UInt64, count: Int) -> Self {
        var number: UInt64 = 0
        for position in (0..<count).reversed() {
            let digit = bits >> (4 * UInt64(position)) & 0xF
            guard digit <= 9 else { return .nonsense }
            number = number * 10 + digit
        }
        return .unsigned(number)
    }
}

/// One signal of a profile, ready to be read out of an answer again and again.
package struct Point: Sendable {
    /// Its line in the profile.
    package let source: ProfileSignal
    /// Numbers of the bits that are signals of their own, in the order of the source's names.
    let bits: [Int]
    private let scaling: Scaling

    /// Works out once what is the same for every answer.
    package init(_ source: ProfileSignal) {
        self.source = source
        bits = source.bits.keys.sorted()
        scaling = Scaling(scale: source.scale, offset: source.offset)
    }

    /// The wire addresses that must come in one answer for the value to be whole.
    package var extent: Range<Int> {
        Int(source.address)..<Int(source.address) + source.layout.width
    }

    /// How many words make a value.
    var width: Int { source.layout.width }

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
        let word = source.layout.bits(of: words) ?? 0
        return bits.map { .good(.boolean(word >> UInt64($0) & 1 == 1)) }
    }

    /// What the words say of the signal itself.
    package func content(of words: ArraySlice<UInt16>) -> Reading.Content {
        if let bits = source.layout.bits(of: words), source.unavailable.contains(bits) {
            return .bad(.notAvailable)
        }
        switch source.layout.raw(of: words) {
        case .boolean(let state): return .good(.boolean(state))
        case .text(let text): return .good(.text(text))
        case .signed(let whole): return number(Double(whole), exact: Value(exactly: whole))
        case .unsigned(let whole): return number(Double(whole), exact: Value(exactly: whole))
        case .real(let real): return number(real, exact: .number(real))
        case .nonsense: return .bad(.outOfRange)
        }
    }

    /// `exact` is only asked for where a `Double` may not hold the raw number.
    private func number(_ raw: Double, exact: @autoclosure () -> Value) -> Reading.Content {
        let number = scaling.apply(to: raw)
        guard number.isFinite, source.range?.contains(number) ?? true else {
            return .bad(.outOfRange)
        }
        return .good(scaling.isIdentity && abs(raw) >= 0x1p53 ? exact() : .number(number))
    }
}
