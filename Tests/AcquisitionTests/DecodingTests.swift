// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Acquisition
@testable import Plant

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
            encoding: .int64, abcd: [0x0020, 0x0000, 0x0000, 0x0001],
            cdab: [0x0001, 0x0000, 0x0000, 0x0020], badc: [0x2000, 0x0000, 0x0000, 0x0100],
            dcba: [0x0100, 0x0000, 0x0000, 0x2000], value: .integer(9_007_199_254_740_993)),
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
        Sent(
            encoding: .signmag16, abcd: [0x812C], cdab: [0x812C], badc: [0x2C81], dcba: [0x2C81],
            value: .number(-300)),
        Sent(
            encoding: .signmag32, abcd: [0x8001, 0x86A0], cdab: [0x86A0, 0x8001],
            badc: [0x0180, 0xA086], dcba: [0xA086, 0x0180], value: .number(-100_000)),
        Sent(
            encoding: .mod10k, abcd: [0x04D2, 0x162E], cdab: [0x162E, 0x04D2],
            badc: [0xD204, 0x2E16], dcba: [0x2E16, 0xD204], value: .number(12_345_678)),
        Sent(
            encoding: .mod10k, abcd: [1, 2, 3, 4], cdab: [4, 3, 2, 1],
            badc: [0x0100, 0x0200, 0x0300, 0x0400], dcba: [0x0400, 0x0300, 0x0200, 0x0100],
            value: .number(1_000_200_030_004)),
        Sent(
            encoding: .chars, abcd: [0x4F, 0x4B, 0x20], cdab: [0x20, 0x4B, 0x4F],
            badc: [0x4F00, 0x4B00, 0x2000], dcba: [0x2000, 0x4B00, 0x4F00], value: .text("OK")),
        Sent(
            encoding: .unixtime, abcd: [0x691E, 0x6C29], cdab: [0x6C29, 0x691E],
            badc: [0x1E69, 0x296C], dcba: [0x296C, 0x1E69], value: .text("2025-11-20T01:17:29Z")),
        Sent(
            encoding: .days2000, abcd: [0x265C], cdab: [0x265C], badc: [0x5C26], dcba: [0x5C26],
            value: .text("2026-11-20")),
        // 2026, November, Friday the 20th, summer time, 01:03, 53,250 ms.
        Sent(
            encoding: .datetime, abcd: [0x001A, 0x0BB4, 0x8103, 0xD002],
            cdab: [0xD002, 0x8103, 0x0BB4, 0x001A], badc: [0x1A00, 0xB40B, 0x0381, 0x02D0],
            dcba: [0x02D0, 0x0381, 0xB40B, 0x1A00], value: .text("2026-11-20T01:03:53.250")),
        Sent(
            encoding: .bcdtime, abcd: [0x2611, 0x2001, 0x0353], cdab: [0x0353, 0x2001, 0x2611],
            badc: [0x1126, 0x0120, 0x5303], dcba: [0x5303, 0x0120, 0x1126],
            value: .text("2026-11-20T01:03:53")),
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
        (.float16, [0xFE00]), (.float16, [0xFC00]), (.float32, [0x7F80, 1]),
        (.float32, [0xFFC0, 0]), (.float32, [0x7FFF, 0xFFFF]), (.float32, [0xFFFF, 0xFFFF]),
        (.float64, [0xFFF8, 0, 0, 0]), (.float64, [0x7FF0, 0, 0, 1]),
        (.float64, [0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF]), (.bcd32, [0xFFFF, 0xFFFF]),
        (.chars, [0x4F4B]), (.chars, [0x4F, 0x0141]), (.chars, [0x07]), (.chars, [0xFF]),
        (.bcdtime, [0x26A1, 0x2001, 0x0353]), (.bcdtime, [0x2613, 0x2001, 0x0353]),
        (.bcdtime, [0x2600, 0x2001, 0x0353]), (.bcdtime, [0x2611, 0x3101, 0x0353]),
        (.bcdtime, [0x2602, 0x2901, 0x0353]), (.bcdtime, [0x2611, 0x2024, 0x0353]),
        (.bcdtime, [0x2611, 0x2001, 0x6053]), (.bcdtime, [0x2611, 0x2001, 0x0360]),
        (.datetime, [0x1A, 0x0D14, 0x0103, 0]), (.datetime, [0x1A, 0x0B00, 0x0103, 0]),
        (.datetime, [0x1A, 0x0B14, 0x1803, 0]), (.datetime, [0x1A, 0x0B14, 0x013C, 0]),
        (.datetime, [0x1A, 0x0B14, 0x0103, 60_000]), (.datetime, [0, 0, 0, 0]),
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

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `no words trap, and what is good is finite`(seed: UInt64) {
        var dice = Dice(seed: seed)
        for _ in 0..<4_000 {
            let encoding = RegisterLayout.Encoding.allCases.randomElement(using: &dice) ?? .bool
            let width = encoding.widths?.upperBound ?? encoding.width
            var source = ProfileSignal.sample(
                encoding, order: [.abcd, .cdab, .badc, .dcba].randomElement(using: &dice) ?? .abcd,
                width: width)
            source.scale = [1, 0.1, 1e300, -3].randomElement(using: &dice) ?? 1
            let corners: [UInt16] = [
                0, 1, 0x7FFF, 0x8000, 0xFFFF, .random(in: 0...0xFFFF, using: &dice),
            ]
            let words = (0..<width).map { _ in corners.randomElement(using: &dice) ?? 0 }
            guard case .good(let value) = Point(source).content(of: words[...]) else { continue }
            #expect(value.number?.isFinite ?? true, "seed \(seed)")
        }
    }
}
