// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Plant

/// Values to words, for every encoding and order: what a device does when it answers.
///
/// Written byte by byte and independently of the gateway's decoder, which it cross-checks.
enum RegisterEncoder {
    /// The words that a device sends for `number`, before which it undoes scale and offset.
    ///
    /// Whole encodings round to the nearest and stop at their ends, as counters in devices do.
    /// `exponent` is what stands in the signal's scale factor, if it has one. Of a bit field all
    /// other bits are 0; `mask` has those that are its own.
    static func words(
        for number: Double, of signal: ProfileSignal, exponent: Int = 0
    ) -> [UInt16] {
        let power = (0..<abs(exponent)).reduce(1.0) { power, _ in power * 10 }
        let scaled = (number - signal.offset) / signal.scale
        let raw = exponent < 0 ? scaled * power : scaled / power
        guard let field = signal.field else { return words(raw: raw, in: signal.layout) }
        return words(pattern: bits(of: raw, in: field, of: signal.layout), in: signal.layout)
    }

    /// What a device holds that is known by `mark`.
    static func stretch(of mark: Identity.Mark) -> RegisterImage.Stretch {
        let words =
            switch mark.content {
            case .number(let number): words(raw: Double(number), in: mark.layout)
            case .text(let text): words(for: text, in: mark.layout)
            }
        return (mark.table, mark.address, words, words.map { _ in 0xFFFF })
    }

    /// The bits of its registers that are a signal's own.
    static func mask(of signal: ProfileSignal) -> [UInt16] {
        guard let field = signal.field else {
            return Array(repeating: 0xFFFF, count: signal.layout.width)
        }
        let ones = (UInt64.max >> UInt64(64 - field.width)) << UInt64(field.bit)
        return words(pattern: ones, in: signal.layout)
    }

    /// In a signed word the field's highest bit is its sign.
    private static func bits(
        of raw: Double, in field: BitField, of layout: RegisterLayout
    ) -> UInt64 {
        let isSigned = [.int16, .int32, .int64].contains(layout.encoding)
        let count = UInt64(field.width)
        let high = UInt64.max >> (64 - count + (isSigned ? 1 : 0))
        let low = isSigned ? -Double(high) - 1 : 0
        let whole = raw.rounded()
        let bits: UInt64 =
            if whole >= Double(high) {
                high
            } else if whole < 0 {
                UInt64(bitPattern: Int64(max(whole, low)))
            } else {
                UInt64(whole)
            }
        return (bits & (UInt64.max >> (64 - count))) << UInt64(field.bit)
    }

    /// The words for a number as it stands in the device, without scale and offset.
    static func words(raw: Double, in layout: RegisterLayout) -> [UInt16] {
        let bytes: [UInt8] =
            switch layout.encoding {
            case .bool: bigEndian(raw == 0 ? UInt16(0) : 1)
            case .int16: bigEndian(whole(raw, as: Int16.self))
            case .uint16: bigEndian(whole(raw, as: UInt16.self))
            case .int32: bigEndian(whole(raw, as: Int32.self))
            case .uint32: bigEndian(whole(raw, as: UInt32.self))
            case .int64: bigEndian(whole(raw, as: Int64.self))
            case .uint64: bigEndian(whole(raw, as: UInt64.self))
            case .signmag16, .signmag32: signAndMagnitude(raw, bytes: layout.width * 2)
            case .float16: bigEndian(Float16(raw).bitPattern)
            case .float32: bigEndian(Float(raw).bitPattern)
            case .float64: bigEndian(raw.bitPattern)
            case .bcd16: decimalDigits(raw, bytes: 2)
            case .bcd32: decimalDigits(raw, bytes: 4)
            case .mod10k: groupsOfFourDigits(raw, registers: layout.width)
            case .string, .chars, .unixtime, .datetime, .bcdtime, .days2000: []
            }
        return layout.encoding == .bool ? [raw == 0 ? 0 : 1] : arrange(bytes, in: layout)
    }

    /// The words of a text, padded with NUL, cut at the width; two bytes a register, or one.
    static func words(for text: String, in layout: RegisterLayout) -> [UInt16] {
        let room = layout.encoding == .chars ? layout.width : layout.width * 2
        var bytes = Array(text.utf8.prefix(room))
        bytes += Array(repeating: 0, count: room - bytes.count)
        return arrange(layout.encoding == .chars ? bytes.flatMap { [0, $0] } : bytes, in: layout)
    }

    /// The words of a device's clock that shows `time` in UTC; 0 for what is no clock.
    static func words(at time: Timestamp, in layout: RegisterLayout) -> [UInt16] {
        let digits = time.rfc3339.utf8.map { Int($0) - 0x30 }
        func number(_ places: Int...) -> Int { places.reduce(0) { $0 * 10 + digits[$1] } }
        let (year, month, day) = (number(2, 3), number(5, 6), number(8, 9))
        let (hour, minute, second) = (number(11, 12), number(14, 15), number(17, 18))
        let bytes: [UInt8] =
            switch layout.encoding {
            case .unixtime: bigEndian(UInt32(truncatingIfNeeded: time.milliseconds / 1000))
            case .days2000:
                bigEndian(UInt16(truncatingIfNeeded: time.milliseconds / 86_400_000 - 10_957))
            case .bcdtime:
                [year, month, day, hour, minute, second].map { UInt8($0 / 10 * 16 + $0 % 10) }
            case .datetime:
                [0, UInt8(year), UInt8(month), UInt8(day), UInt8(hour), UInt8(minute)]
                    + bigEndian(UInt16(second * 1000 + number(20, 21, 22)))
            default: Array(repeating: 0, count: layout.width * 2)
            }
        return arrange(bytes, in: layout)
    }

    /// The words whose bits, put in order, are `pattern`: a device's own "no value".
    static func words(pattern: UInt64, in layout: RegisterLayout) -> [UInt16] {
        let bytes = bigEndian(pattern)
        let missing = max(0, layout.width * 2 - bytes.count)
        let padded = Array(repeating: 0, count: missing) + bytes
        return arrange(padded.suffix(layout.width * 2), in: layout)
    }

    private static func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }

    private static func whole<Whole: FixedWidthInteger>(_ raw: Double, as: Whole.Type) -> Whole {
        guard !raw.isNaN else { return 0 }
        let rounded = raw.rounded()
        if let exact = Whole(exactly: rounded) { return exact }
        return rounded < 0 ? .min : .max
    }

    private static func signAndMagnitude(_ raw: Double, bytes: Int) -> [UInt8] {
        let most = bytes == 2 ? 0x7FFF : 0x7FFF_FFFF
        let magnitude = min(whole(abs(raw), as: UInt32.self), UInt32(most))
        var all = Array(bigEndian(magnitude).suffix(bytes))
        if raw < 0, magnitude > 0 { all[0] |= 0x80 }
        return all
    }

    private static func decimalDigits(_ raw: Double, bytes: Int) -> [UInt8] {
        var rest = min(whole(raw, as: UInt64.self), bytes == 2 ? 9_999 : 99_999_999)
        var digits: [UInt8] = []
        for _ in 0..<bytes {
            let pair = UInt8(rest % 100)
            digits.insert((pair / 10) << 4 | pair % 10, at: 0)
            rest /= 100
        }
        return digits
    }

    private static func groupsOfFourDigits(_ raw: Double, registers: Int) -> [UInt8] {
        var rest = whole(raw, as: UInt64.self)
        var bytes: [UInt8] = []
        for _ in 0..<registers {
            bytes = bigEndian(UInt16(rest % 10_000)) + bytes
            rest /= 10_000
        }
        return bytes
    }

    /// Most significant byte first in; registers as they go out.
    private static func arrange(_ bytes: some Collection<UInt8>, in layout: RegisterLayout)
        -> [UInt16]
    {
        let all = Array(bytes)
        let pairs = stride(from: 0, to: all.count, by: 2).map { (all[$0], all[$0 + 1]) }
        let placed: [(UInt8, UInt8)] =
            switch layout.order {
            case .abcd: pairs
            case .cdab: pairs.reversed()
            case .badc: pairs.map { ($0.1, $0.0) }
            case .dcba: pairs.reversed().map { ($0.1, $0.0) }
            }
        return placed.map { UInt16($0.0) * 256 + UInt16($0.1) }
    }
}
