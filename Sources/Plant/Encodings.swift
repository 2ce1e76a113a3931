// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

extension RegisterLayout.Encoding {
    /// What its values are.
    package enum Kind: Sendable { case number, boolean, text }

    /// What its values are; a date-time is a text.
    package var kind: Kind {
        switch self {
        case .bool: .boolean
        case .string, .chars, .unixtime, .datetime, .bcdtime, .days2000: .text
        case .int16, .uint16, .int32, .uint32, .int64, .uint64, .signmag16, .signmag32, .float16,
            .float32, .float64, .bcd16, .bcd32, .mod10k:
            .number
        }
    }

    /// Registers (or bits in a bit table) that it takes; 1 where the profile says how many.
    package var width: Int {
        switch self {
        case .bool, .int16, .uint16, .signmag16, .float16, .bcd16, .days2000: 1
        case .mod10k, .string, .chars: 1
        case .int32, .uint32, .signmag32, .float32, .bcd32, .unixtime: 2
        case .bcdtime: 3
        case .int64, .uint64, .float64, .datetime: 4
        }
    }

    /// How many registers the profile may give it; `nil` if the encoding fixes it.
    ///
    /// Four registers of mod10k reach 10^16; a fifth would not fit 64 bits.
    package var widths: ClosedRange<Int>? {
        switch self {
        case .mod10k: 1...4
        case .string, .chars: 1...125
        default: nil
        }
    }

    /// Whether its bits can be named, or some of them be a number.
    var isInteger: Bool {
        switch self {
        case .int16, .uint16, .int32, .uint32, .int64, .uint64: true
        default: false
        }
    }

    /// Whether it has a bit pattern of at most 64 bits that can stand for "no value".
    var hasPattern: Bool {
        switch self {
        case .bool, .string, .chars: false
        default: true
        }
    }

    /// Whether it is what a device's clock shows, in a zone that the device does not tell.
    var isClock: Bool { self == .datetime || self == .bcdtime }

    /// Where a counter of this encoding starts again at 0; `nil` for a float, which does not.
    func rollover(width: Int) -> Double? {
        switch self {
        case .int16, .signmag16: 0x1p15
        case .uint16: 0x1p16
        case .int32, .signmag32: 0x1p31
        case .uint32: 0x1p32
        case .int64: 0x1p63
        case .uint64: 0x1p64
        case .bcd16: 1e4
        case .bcd32: 1e8
        case .mod10k: [1e4, 1e8, 1e12, 1e16][width - 1]
        default: nil
        }
    }
}
