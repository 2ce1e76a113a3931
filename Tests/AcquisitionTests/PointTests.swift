// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Acquisition
@testable import Plant

/// What a line of a profile makes of a value beside its type: words for "not available", fields, a
/// range, bits.
struct PointTests {
    /// Sentinel, layout, the words that are it, words that only look like it.
    static let sentinels:
        [(UInt64, RegisterLayout.Encoding, RegisterLayout.Order, [UInt16], [UInt16])] = [
            (0x8000, .int16, .abcd, [0x8000], [0x0080]),
            (0x8000, .int16, .badc, [0x0080], [0x8000]),
            (0xFFFF, .uint16, .abcd, [0xFFFF], [0xFFFE]),
            (0xFFFF_FFFF, .uint32, .abcd, [0xFFFF, 0xFFFF], [0x0000, 0xFFFF]),
            (0xFFFF, .uint32, .abcd, [0x0000, 0xFFFF], [0xFFFF, 0xFFFF]),
            (0x8000_0000, .int32, .cdab, [0x0000, 0x8000], [0x8000, 0x0000]),
            (0x7FC0_0000, .float32, .abcd, [0x7FC0, 0], [0x4275, 0]),
            (0x8000_0000_0000_0000, .int64, .abcd, [0x8000, 0, 0, 0], [0, 0, 0, 0x8000]),
            (0xFFFF, .bcd16, .abcd, [0xFFFF], [0x1234]),
            (0x7FFF, .int16, .abcd, [0x7FFF], [0x8000]),
            (0, .uint32, .abcd, [0, 0], [0, 1]),
            (0x8000, .signmag16, .abcd, [0x8000], [0x0000]),
            (0xFFFF_FFFF, .signmag32, .dcba, [0xFFFF, 0xFFFF], [0xFFFF, 0x7FFF]),
            (0x7E00, .float16, .abcd, [0x7E00], [0x7E01]),
            (0xFFFF_FF7F, .float32, .abcd, [0xFFFF, 0xFF7F], [0xFF7F, 0xFFFF]),
            (0x7FF8_0000_0000_0000, .float64, .cdab, [0, 0, 0, 0x7FF8], [0x7FF8, 0, 0, 0]),
            (.max, .uint64, .abcd, [.max, .max, .max, .max], [.max, .max, .max, 0xFFFE]),
            (0x7FFF_FFFF_FFFF_FFFF, .int64, .abcd, [0x7FFF, .max, .max, .max], [0, 0, 0, 0x7FFF]),
            (0xFFFF_FFFF, .bcd32, .abcd, [.max, .max], [0x9999, 0x9999]),
            (0xFFFF_FFFF_FFFF, .mod10k, .abcd, [.max, .max, .max], [9999, 9999, 9999]),
            (0xFFFF, .days2000, .abcd, [.max], [0]),
            (0, .unixtime, .abcd, [0, 0], [0, 1]),
            (0xFFFF_FFFF_FFFF, .bcdtime, .abcd, [.max, .max, .max], [0x2611, 0x2001, 0x0353]),
            (.max, .datetime, .abcd, [.max, .max, .max, .max], [0x1A, 0x0BB4, 0x0103, 0]),
        ]

    @Test(arguments: sentinels)
    func `a sentinel is compared raw, in order, at the type's own width`(
        _ sentinel: UInt64, _ encoding: RegisterLayout.Encoding, _ order: RegisterLayout.Order,
        _ words: [UInt16], _ others: [UInt16]
    ) {
        var source = ProfileSignal.sample(encoding, order: order, width: words.count)
        source.unavailable = [0x1111_1111, sentinel]
        source.scale = 0.1
        source.range = -1...1
        if source.layout.encoding.kind == .text { source.range = nil }
        #expect(Point(source).content(of: words[...]) == .bad(.notAvailable))
        #expect(Point(source).content(of: others[...]) != .bad(.notAvailable))
    }

    @Test func `every encoding that can have a sentinel is in the table`() {
        let without: Set<RegisterLayout.Encoding> = [.bool, .string, .chars]
        #expect(
            Set(Self.sentinels.map(\.1))
                == Set(RegisterLayout.Encoding.allCases).subtracting(without))
    }

    @Test func `a clock that says that it is wrong is not available`() {
        let point = Point(.sample(.datetime, width: 4))
        #expect(point.content(of: [0x1A, 0x0BB4, 0x0183, 0xD002]) == .bad(.notAvailable))
        #expect(point.content(of: [.max, .max, .max, .max]) == .bad(.notAvailable))
    }

    @Test(arguments: [
        ("Z", "2024-02-29T23:59:59Z"), ("+08:00", "2024-02-29T23:59:59+08:00"),
        ("", "2024-02-29T23:59:59"),
    ])
    func `a device's clock has the offset of its profile`(_ offset: String, _ text: String) {
        var source = ProfileSignal.sample(.bcdtime, width: 3)
        source.utcOffset = offset
        #expect(Point(source).content(of: [0x2402, 0x2923, 0x5959]) == .good(.text(text)))
    }

    /// Some bits of a word, and the number that they are.
    static let fields: [(RegisterLayout.Encoding, BitField, [UInt16], Double)] = [
        (.uint16, BitField(bit: 4, width: 3), [0b1111_1111_1101_1111], 5),
        (.uint16, BitField(bit: 0, width: 16), [0xFFFE], 65_534),
        (.uint16, BitField(bit: 15, width: 1), [0x8000], 1),
        (.int16, BitField(bit: 4, width: 4), [0x0F80], -8),
        (.int16, BitField(bit: 4, width: 4), [0xF07F], 7),
        (.uint32, BitField(bit: 12, width: 8), [0x000A, 0xB000], 0xAB),
        (.int64, BitField(bit: 60, width: 4), [0xF000, 0, 0, 0], -1),
        (.uint64, BitField(bit: 31, width: 2), [0, 1, 0x8000, 0], 3),
    ]

    @Test(arguments: fields)
    func `a field is some bits of a word, with the sign of its type`(
        _ encoding: RegisterLayout.Encoding, _ field: BitField, _ words: [UInt16],
        _ number: Double
    ) {
        var source = ProfileSignal.sample(encoding, width: words.count)
        source.field = field
        #expect(Point(source).content(of: words[...]) == .good(.number(number)))
        source.scale = 0.5
        source.offset = 1
        #expect(Point(source).content(of: words[...]) == .good(.number(number / 2 + 1)))
    }

    @Test(arguments: [(-401, false), (-400, true), (0, true), (1250, true), (1251, false)])
    func `a value outside its range is bad, at either end`(_ raw: Int, _ isGood: Bool) {
        var source = ProfileSignal.sample(.int16)
        source.scale = 0.1
        source.range = -40...125
        let word = UInt16(bitPattern: Int16(raw))
        let expected: Reading.Content =
            isGood ? .good(.number(Double(raw) / 10)) : .bad(.outOfRange)
        #expect(Point(source).content(of: [word]) == expected)
    }

    @Test func `a number that overflows when scaled is out of range`() {
        var source = ProfileSignal.sample(.float64, width: 4)
        source.scale = 1e300
        #expect(Point(source).content(of: [0x7FE0, 0, 0, 0]) == .bad(.outOfRange))
    }

    @Test func `bits stand beside their word`() {
        var source = ProfileSignal.sample(.uint16)
        source.bits = [0: "ready", 1: "running", 15: "fault"]
        #expect(source.names == ["s", "s.ready", "s.running", "s.fault"])
        #expect(
            Point(source).contents(of: [0x8002]) == [
                .good(.number(32770)), .good(.boolean(false)), .good(.boolean(true)),
                .good(.boolean(true)),
            ])
    }

    @Test(arguments: [(UInt16(0xFFFF), Reason.notAvailable), (0x0100, .outOfRange)])
    func `the bits of a bad word are bad for its reason`(_ word: UInt16, _ reason: Reason) {
        var source = ProfileSignal.sample(.uint16)
        source.bits = [0: "ready", 9: "running"]
        source.unavailable = [0xFFFF]
        source.range = 0...0xFF
        #expect(
            Point(source).contents(of: [word]) == Array(repeating: .bad(reason), count: 3))
    }
}
