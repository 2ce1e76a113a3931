// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Plant

extension RegisterLayout.Order {
    /// CDAB and DCBA send the least significant register first.
    fileprivate var reversesRegisters: Bool {
        switch self {
        case .cdab, .dcba: true
        case .abcd, .badc: false
        }
    }
    /// BADC and DCBA send the low byte of each register first.
    fileprivate var swapsBytes: Bool {
        switch self {
        case .badc, .dcba: true
        case .abcd, .cdab: false
        }
    }
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
        /// The device says in the value itself that it is not valid.
        case invalid
        /// A bit pattern that is no value of the type: a BCD digit above 9, a mod10k word above
        /// 9999, a text that is not printable UTF-8, a day that no month has, a NaN or an infinity.
        case nonsense
    }

    /// The register that comes `position`-th when the most significant is counted first.
    func register(_ position: Int, of words: Span<UInt16>) -> UInt16 {
        let word = words[order.reversesRegisters ? words.count - 1 - position : position]
        return order.swapsBytes ? word.byteSwapped : word
    }

    /// The bits of a value of up to 64 bits, put in order; `nil` for a longer one.
    func bits(of words: Span<UInt16>) -> UInt64? {
        guard words.count <= 4 else { return nil }
        var bits: UInt64 = 0
        for position in words.indices { bits = bits << 16 | UInt64(register(position, of: words)) }
        return bits
    }

    /// Reads the type out of `words`, which are exactly `width` registers or bits; `bits` are the
    /// same put in order, 0 where there are too many.
    func raw(of words: Span<UInt16>, bits: UInt64) -> Raw {
        precondition(words.count == width, "a read plan fetches whole values")
        switch encoding {
        case .bool: return .boolean(bits != 0)
        case .int16: return .signed(Int64(Int16(truncatingIfNeeded: bits)))
        case .int32: return .signed(Int64(Int32(truncatingIfNeeded: bits)))
        case .int64: return .signed(Int64(bitPattern: bits))
        case .uint16, .uint32, .uint64: return .unsigned(bits)
        case .signmag16: return .magnitude(of: bits, sign: 15)
        case .signmag32: return .magnitude(of: bits, sign: 31)
        case .float16: return .finite(Double(Float16(bitPattern: UInt16(truncatingIfNeeded: bits))))
        case .float32: return .finite(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
        case .float64: return .finite(Double(bitPattern: bits))
        case .bcd16, .bcd32: return .digits(of: bits, count: width * 4)
        case .mod10k: return mod10k(words)
        case .string: return text(words)
        case .chars: return characters(words)
        case .unixtime: return .date(secondsSince1970: bits)
        case .days2000: return .date(daysSince2000: bits)
        case .datetime: return .dateTime(of: bits)
        case .bcdtime: return .decimalDateTime(of: bits)
        }
    }

    /// Σ register × 10000ⁿ, the most significant register first in ABCD.
    private func mod10k(_ words: Span<UInt16>) -> Raw {
        var sum: UInt64 = 0
        for position in 0..<words.count {
            let word = UInt64(register(position, of: words))
            let (product, overflows) = sum.multipliedReportingOverflow(by: 10_000)
            guard word <= 9_999, !overflows, product <= .max - word else { return .nonsense }
            sum = product + word
        }
        return .unsigned(sum)
    }
}

extension RegisterLayout.Raw {
    fileprivate static func finite(_ number: Double) -> Self {
        number.isFinite ? .real(number) : .nonsense
    }

    /// The sign in one bit, the magnitude in those below it; minus zero is zero.
    fileprivate static func magnitude(of bits: UInt64, sign: UInt64) -> Self {
        let magnitude = Int64(bits & (1 << sign - 1))
        return .signed(bits >> sign & 1 == 1 ? -magnitude : magnitude)
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
