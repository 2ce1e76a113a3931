// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Plant

/// Values to words, for every encoding and order: what a device does when it answers.
///
/// Written byte by byte and independently of the gateway's decoder, which it cross-checks.
enum RegisterEncoder {
    /// The words that a device sends for `number`, before which it undoes scale and offset.
    ///
    /// Whole encodings round to the nearest and stop at their ends, as counters in devices do.
    static func words(for number: Double, of signal: ProfileSignal) -> [UInt16] {
        words(raw: (number - signal.offset) / signal.scale, in: signal.layout)
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
            case .float16: bigEndian(Float16(raw).bitPattern)
            case .float32: bigEndian(Float(raw).bitPattern)
            case .float64: bigEndian(raw.bitPattern)
            case .bcd16: decimalDigits(raw, bytes: 2)
            case .bcd32: decimalDigits(raw, bytes: 4)
            case .mod10k: groupsOfFourDigits(raw, registers: layout.width)
            case .string: []
            }
        return layout.encoding == .bool ? [raw == 0 ? 0 : 1] : arrange(bytes, in: layout)
    }

    /// The words of a text, padded with NUL, cut at the width; two bytes a register.
    static func words(for text: String, in layout: RegisterLayout) -> [UInt16] {
        var bytes = Array(text.utf8.prefix(layout.width * 2))
        bytes += Array(repeating: 0, count: layout.width * 2 - bytes.count)
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
