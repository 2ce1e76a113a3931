// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Numbers as JSON and CSV give them: the shortest text that reads back as the same number, whole
/// numbers without a fraction (5, not 5.0).
///
/// Sealed batches are hashed over these bytes and must read the same for ever, so the form is
/// fixed here and by golden tests.
enum NumberText {
    /// Room for any number: the longest is a Double such as -2.2250738585072014e-308.
    static let maxLength = 32
    /// Decimals that `write(scaled:decimals:)` takes: from 0.0001 on, the shortest text of a
    /// Double has no exponent.
    static let maxDecimals = 4
    /// Below it every decimal number of that many digits is a Double of its own, so its digits
    /// are the shortest text of that Double (15 digits: IEEE 754 binary64, DBL_DIG).
    static let maxScaled: Int64 = 999_999_999_999_999

    static let powersOfTen: [Double] = [1, 10, 100, 1_000, 10_000]

    /// Writes a finite number; returns how many bytes it took.
    static func write(_ value: Double, to target: UnsafeMutablePointer<UInt8>) -> Int {
        precondition(value.isFinite, "a Value is always finite")
        if let whole = Int64(exactly: value), abs(value) < 0x1p53,
            !(whole == 0 && value.sign == .minus)
        {
            return write(whole, to: target)
        }
        var text = value.description
        return text.withUTF8 { source in
            guard let base = source.baseAddress else { return 0 }
            let isWhole =
                source.count > 2 && source[source.count - 1] == UInt8(ascii: "0")
                && source[source.count - 2] == UInt8(ascii: ".")
            let count = isWhole ? source.count - 2 : source.count
            target.update(from: base, count: count)
            return count
        }
    }

    /// Writes a whole number; returns how many bytes it took.
    static func write(_ value: Int64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        guard value < 0 else { return write(UInt64(value), to: target) }
        target[0] = UInt8(ascii: "-")
        return 1 + write(value.magnitude, to: target + 1)
    }

    /// Writes a whole number; returns how many bytes it took.
    static func write(_ value: UInt64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        var length = 1
        var bound: UInt64 = 10
        while value >= bound {
            length += 1
            let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
            if overflow { break }
            bound = next
        }
        var rest = value
        var position = length
        while position > 0 {
            position -= 1
            target[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        return length
    }

    /// Writes `scaled` · 10^-`decimals`, which is the text of the nearest Double.
    static func write(
        scaled: Int64, decimals: Int, to target: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var digits = scaled.magnitude
        var decimals = decimals
        while decimals > 0 {
            let (shorter, rest) = digits.quotientAndRemainder(dividingBy: 10)
            guard rest == 0 else { break }
            digits = shorter
            decimals -= 1
        }
        var length = 0
        if scaled < 0 {
            target[0] = UInt8(ascii: "-")
            length = 1
        }
        guard decimals > 0 else { return length + write(digits, to: target + length) }
        let divisor = UInt64(powersOfTen[decimals])
        let (whole, fraction) = digits.quotientAndRemainder(dividingBy: divisor)
        length += write(whole, to: target + length)
        target[length] = UInt8(ascii: ".")
        var rest = fraction
        for position in stride(from: length + decimals, to: length, by: -1) {
            target[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        return length + 1 + decimals
    }

    /// Appends a number's text to `bytes`.
    static func append(
        to bytes: inout [UInt8], _ writing: (UnsafeMutablePointer<UInt8>) -> Int
    ) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: maxLength) { room in
            guard let base = room.baseAddress else { return }
            bytes.append(contentsOf: room.prefix(writing(base)))
        }
    }
}
