// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Plant
import Testing

@testable import Acquisition

struct DecodingTests {
    /// The same value as a device sends it in each of the four orders, by hand.
    struct Sent: Sendable, CustomTestStringConvertible {
        let encoding: RegisterLayout.Encoding
        let abcd: [UInt16]
        let cdab: [UInt16]
        let badc: [UInt16]
        let dcba: [UInt16]
        let value: Value

        var testDescription: String { encoding.rawValue }
    }

    static let sent: [Sent] = [
        Sent(
            encoding: .bool, abcd: [0x0001], cdab: [0x0001], badc: [0x0100], dcba: [0x0100],
            value: .boolean(true)),
        Sent(
            encoding: .int16, abcd: [0xFFFE], cdab: [0xFFFE], badc: [0xFEFF], dcba: [0xFEFF],
            value: .number(-2)),
        Sent(
            encoding: .uint16, abcd: [0x1234], cdab: [0x1234], badc: [0x3412], dcba: [0x3412],
            value: .number(4660)),
        Sent(
            encoding: .int32, abcd: [0xFEDC, 0xBA98], cdab: [0xBA98, 0xFEDC],
            badc: [0xDCFE, 0x98BA], dcba: [0x98BA, 0xDCFE], value: .number(-19_088_744)),
        Sent(
            encoding: .uint32, abcd: [0x1234, 0x5678], cdab: [0x5678, 0x1234],
            badc: [0x3412, 0x7856], dcba: [0x7856, 0x3412], value: .number(305_419_896)),
        Sent(
            encoding: .int64, abcd: [0xFEDC, 0xBA98, 0x7654, 0x3210],
            cdab: [0x3210, 0x7654, 0xBA98, 0xFEDC], badc: [0xDCFE, 0x98BA, 0x5476, 0x1032],
            dcba: [0x1032, 0x5476, 0x98BA, 0xDCFE], value: .number(-81_985_529_216_486_896)),
        Sent(
            encoding: .int64, abcd: [0x7FFF, 0xFFFF, 0xFFFF, 0xFFFE],
            cdab: [0xFFFE, 0xFFFF, 0xFFFF, 0x7FFF], badc: [0xFF7F, 0xFFFF, 0xFFFF, 0xFEFF],
            dcba: [0xFEFF, 0xFFFF, 0xFFFF, 0xFF7F], value: .integer(.max - 1)),
        Sent(
            encoding: .uint64, abcd: [0xFFFF, 0xFFFF, 0xFFFF, 0xFFFE],
            cdab: [0xFFFE, 0xFFFF, 0xFFFF, 0xFFFF], badc: [0xFFFF, 0xFFFF, 0xFFFF, 0xFEFF],
            dcba: [0xFEFF, 0xFFFF, 0xFFFF, 0xFFFF], value: .unsigned(.max - 1)),
        Sent(
            encoding: .float16, abcd: [0x3E00], cdab: [0x3E00], badc: [0x003E], dcba: [0x003E],
            value: .number(1.5)),
        Sent(
            encoding: .float32, abcd: [0x4275, 0x0000], cdab: [0x0000, 0x4275],
            badc: [0x7542, 0x0000], dcba: [0x0000, 0x7542], value: .number(61.25)),
        Sent(
            encoding: .float64, abcd: [0x404E, 0xA000, 0, 0], cdab: [0, 0, 0xA000, 0x404E],
            badc: [0x4E40, 0x00A0, 0, 0], dcba: [0, 0, 0x00A0, 0x4E40], value: .number(61.25)),
        Sent(
            encoding: .bcd16, abcd: [0x1234], cdab: [0x1234], badc: [0x3412], dcba: [0x3412],
            value: .number(1234)),
        Sent(
            encoding: .bcd32, abcd: [0x1234, 0x5678], cdab: [0x5678, 0x1234],
            badc: [0x3412, 0x7856], dcba: [0x7856, 0x3412], value: .number(12_345_678)),
        Sent(
            encoding: .mod10k, abcd: [0x000C, 0x0D80, 0x1ED2], cdab: [0x1ED2, 0x0D80, 0x000C],
            badc: [0x0C00, 0x800D, 0xD21E], dcba: [0xD21E, 0x800D, 0x0C00],
            value: .number(1_234_567_890)),
        Sent(
            encoding: .string, abcd: [0x5055, 0x4D50, 0x2D31], cdab: [0x2D31, 0x4D50, 0x5055],
            badc: [0x5550, 0x504D, 0x312D], dcba: [0x312D, 0x504D, 0x5550],
            value: .text("PUMP-1")),
    ]

    @Test(arguments: sent)
    func `a value reads the same in each order`(_ sent: Sent) {
        for (order, words) in [
            (RegisterLayout.Order.abcd, sent.abcd), (.cdab, sent.cdab), (.badc, sent.badc),
            (.dcba, sent.dcba),
        ] {
            let point = Point(.sample(sent.encoding, order: order, width: words.count))
            #expect(point.contents(of: words[...]) == [.good(sent.value)], "\(order.rawValue)")
        }
    }

    @Test func `every encoding is in the table`() {
        #expect(Set(Self.sent.map(\.encoding)) == Set(RegisterLayout.Encoding.allCases))
    }

    /// Words that are no value of their type.
    static let nonsense: [(RegisterLayout.Encoding, [UInt16])] = [
        (.float16, [0x7E00]), (.float16, [0x7C00]), (.float32, [0x7FC0, 0]),
        (.float32, [0xFF80, 0]), (.float64, [0x7FF8, 0, 0, 0]), (.float64, [0x7FF0, 0, 0, 0]),
        (.bcd16, [0x00A0]), (.bcd16, [0xFFFF]), (.bcd32, [0x1234, 0x567A]),
        (.mod10k, [1, 10_000]), (.mod10k, [9_999, 9_999, 9_999, 9_999, 9_999, 9_999]),
        (.string, [0x5055, 0x8000]), (.string, [0x0741]), (.string, [0xFFFF]),
    ]

    @Test(arguments: nonsense)
    func `what is no value of its type is out of range`(
        _ encoding: RegisterLayout.Encoding, _ words: [UInt16]
    ) {
        let point = Point(.sample(encoding, width: words.count))
        #expect(point.contents(of: words[...]) == [.bad(.outOfRange)])
    }

    static let texts: [(words: [UInt16], text: String)] = [
        ([0x4142, 0x4300], "ABC"), ([0x4142, 0x2020], "AB"), ([0x4100, 0x4242], "A"),
        ([0x0000, 0x0000], ""), ([0x2041, 0x2042], " A B"), ([0xC3BC, 0x4100], "üA"),
    ]

    @Test(arguments: texts)
    func `a text ends at its first NUL, without the spaces that pad it`(
        _ words: [UInt16], _ text: String
    ) {
        let point = Point(.sample(.string, width: words.count))
        #expect(point.contents(of: words[...]) == [.good(.text(text))])
    }

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
        #expect(Point(source).content(of: words[...]) == .bad(.notAvailable))
        #expect(Point(source).content(of: others[...]) != .bad(.notAvailable))
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

struct ScalingTests {
    static let decimal: [(raw: Double, scale: Double, offset: Double, value: Double)] = [
        (3, 0.1, 0, 0.3), (7, 0.1, 0, 0.7), (1105, 0.01, 0, 11.05), (3, 0.3, 0, 0.9),
        (213, 0.1, -40, -18.7), (2982, 0.1, -273.15, 25.05), (-57, 0.1, 0, -5.7),
        (4_294_967_295, 0.001, 0, 4_294_967.295), (3, 1.0 / 1024, 0, 0.0029296875),
        (1, 1.0 / 65536, 0, 0.0000152587890625), (12, 0.25, 1.5, 4.5), (9, 10, 0, 90),
        (5, -0.1, 0, -0.5), (7, 1, 0.1, 7.1), (41, 1e-9, 0, 4.1e-8),
    ]

    @Test(arguments: decimal)
    func `a decimal scale gives the number that is meant`(
        _ raw: Double, _ scale: Double, _ offset: Double, _ value: Double
    ) {
        #expect(Scaling(scale: scale, offset: offset).apply(to: raw) == value)
    }

    @Test func `every tenth is the decimal that a reader would write`() throws {
        let scaling = Scaling(scale: 0.1, offset: 0)
        for raw in 0...65_535 {
            let written = try #require(Double("\(raw / 10).\(raw % 10)"))
            #expect(scaling.apply(to: Double(raw)) == written)
        }
    }

    @Test func `a scale that is no decimal is multiplied by`() {
        let scaling = Scaling(scale: 0.123_456_789_012_345, offset: 1)
        #expect(scaling.apply(to: 3) == 3 * 0.123_456_789_012_345 + 1)
    }

    @Test func `only scale 1 without an offset leaves a number as it stands`() {
        #expect(Scaling(scale: 1, offset: 0).isIdentity)
        #expect(!Scaling(scale: 1, offset: 1).isIdentity)
        #expect(!Scaling(scale: -1, offset: 0).isIdentity)
    }
}
