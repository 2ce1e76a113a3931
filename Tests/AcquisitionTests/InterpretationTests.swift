// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Plant
import Testing

@testable import Acquisition

@Suite struct InterpretationTests {
    typealias Encoding = RegisterLayout.Encoding
    typealias Order = RegisterLayout.Order

    @Test(
        arguments: [
            ([0x4366, 0x8000], Encoding.float32, Order.abcd, Value.number(230.5), true),
            ([0x8000, 0x4366], .float32, .cdab, .number(230.5), true),
            ([0x6643, 0x0080], .float32, .badc, .number(230.5), true),
            ([0x0080, 0x6643], .float32, .dcba, .number(230.5), true),
            (
                [0x8000, 0x4366], .float32, .abcd, .number(Double(Float(bitPattern: 0x8000_4366))),
                false
            ),
            ([0x0001, 0x86A0], .uint32, .abcd, .number(100_000), true),
            ([0xFFFF, 0xFF38], .int32, .abcd, .number(-200), true),
            ([0x00E6], .uint16, .abcd, .number(230), true),
            ([0x00E6], .uint16, .badc, .number(0xE600), false),
            ([0x00E6], .int16, .abcd, .number(230), false),
            ([0xFF38], .int16, .abcd, .number(-200), true),
            ([0x0230], .bcd16, .abcd, .number(230), true),
            ([0x0001], .bool, .abcd, .boolean(true), true),
            ([0x4142, 0x4344], .string, .abcd, .text("ABCD"), true),
            ([0x0012, 0x1A85], .mod10k, .abcd, .number(186_789), true),
            ([0x406C, 0xD000, 0, 0], .float64, .abcd, .number(230.5), true),
            ([0, 0, 0x0001, 0x86A0], .uint64, .abcd, .number(100_000), true),
            ([0x8011], .signmag16, .abcd, .number(-17), true),
            ([0x6920, 0xC380], .unixtime, .abcd, .text("2025-11-21T19:54:40Z"), true),
            ([0x2000, 0], .unixtime, .abcd, .text("1987-01-05T18:48:32Z"), false),
            ([0, 0], .float32, .abcd, .number(0), false),
            ([0, 0], .uint32, .abcd, .number(0), true),
        ] as [([UInt16], Encoding, Order, Value, Bool)])
    func `words are read and judged`(
        words: [UInt16], encoding: Encoding, order: Order, value: Value, isPlausible: Bool
    ) throws {
        let all = Interpretation.all(of: words[...])
        let found = try #require(
            all.first { $0.layout.encoding == encoding && $0.layout.order == order })
        #expect(found.value == value)
        #expect(found.isPlausible == isPlausible)
    }

    @Test(arguments: 1...5)
    func `every type and order of so many words is there once`(count: Int) {
        let all = Interpretation.all(of: [UInt16](repeating: 7, count: count)[...])
        #expect(Set(all.map(\.layout)).count == all.count)
        for encoding in Encoding.allCases {
            let fits = (encoding.widths ?? encoding.width...encoding.width).contains(count)
            let orders = all.filter { $0.layout.encoding == encoding }.map(\.layout.order)
            let expected: [Order] =
                !fits
                ? []
                : encoding == .bool
                    ? [.abcd]
                    : count == 1 ? [.abcd, .badc] : Order.allCases
            #expect(orders == expected, "\(encoding)")
        }
    }

    @Test func `what is no value of the type has none`() {
        let nan = Interpretation.all(of: [0x7FC0, 0][...])
        #expect(nan.first { $0.layout.encoding == .float32 }?.value == nil)
        #expect(nan.first { $0.layout.encoding == .bcd32 }?.value == nil)
    }

    @Test(arguments: [
        (["0x4366", "17254", "-2"], [0x4366, 17_254, 0xFFFE] as [UInt16]),
        (["0XfFfF", "0", "-32768"], [0xFFFF, 0, 0x8000]),
        (["65535"], [0xFFFF]),
    ])
    func `words are written in three ways`(texts: [String], words: [UInt16]) throws {
        #expect(try WordSyntax.words(texts) == words)
    }

    @Test(arguments: [
        (["1", "65536"], "word 2, \"65536\", does not fit 16 bits"),
        (["99999"], "0x0001 0x869F"),
        (["-32769"], "does not fit"),
        (["0x10000"], "0x0001 0x0000"),
        (["43C8"], "did you mean 0x43C8?"),
        (["0x"], "is no number"),
        (["0x-1"], "is no number"),
        (["+1"], "is no number"),
        (["1.5"], "is no number"),
        (["--jsno"], "\"--jsno\""),
        (Array(repeating: "1", count: 126), "125"),
    ])
    func `what is no word is refused with its place`(texts: [String], reason: String) {
        let failure = #expect(throws: WordSyntax.Failure.self) { try WordSyntax.words(texts) }
        #expect(failure?.reason.contains(reason) == true, "\(failure?.reason ?? "")")
    }
}
