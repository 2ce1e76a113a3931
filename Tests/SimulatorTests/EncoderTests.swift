// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Testing

@testable import Plant
@testable import Simulator

@Suite struct EncoderTests {
    typealias Row = (RegisterLayout.Encoding, RegisterLayout.Order, Double, [UInt16])

    /// Words worked out by hand, not by any code of this project.
    @Test(
        arguments: [
            (.int16, .abcd, -2, [0xFFFE]), (.int16, .badc, 0x1234, [0x3412]),
            (.int16, .cdab, 0x1234, [0x1234]), (.int16, .dcba, 0x1234, [0x3412]),
            (.int16, .abcd, 40_000, [0x7FFF]), (.int16, .abcd, -40_000, [0x8000]),
            (.uint16, .abcd, 65_535, [0xFFFF]), (.uint16, .abcd, -1, [0]),
            (.uint16, .abcd, 2.5, [3]), (.bool, .abcd, 1, [1]), (.bool, .badc, 1, [1]),
            (.uint32, .abcd, 0x0102_0304, [0x0102, 0x0304]),
            (.uint32, .cdab, 0x0102_0304, [0x0304, 0x0102]),
            (.uint32, .badc, 0x0102_0304, [0x0201, 0x0403]),
            (.uint32, .dcba, 0x0102_0304, [0x0403, 0x0201]),
            (.int32, .abcd, -2, [0xFFFF, 0xFFFE]), (.int32, .cdab, -2, [0xFFFE, 0xFFFF]),
            (.uint64, .abcd, 0x0001_0002_0003_0004, [1, 2, 3, 4]),
            (.uint64, .cdab, 0x0001_0002_0003_0004, [4, 3, 2, 1]),
            (.int64, .dcba, -256, [0x00FF, 0xFFFF, 0xFFFF, 0xFFFF]),
            (.float16, .abcd, -1.5, [0xBE00]), (.float32, .abcd, 123.25, [0x42F6, 0x8000]),
            (.float32, .cdab, 123.25, [0x8000, 0x42F6]), (.float32, .badc, -1, [0x80BF, 0]),
            (.float64, .abcd, 1, [0x3FF0, 0, 0, 0]), (.float64, .cdab, 1, [0, 0, 0, 0x3FF0]),
            (.bcd16, .abcd, 1_234, [0x1234]), (.bcd16, .abcd, 12_345, [0x9999]),
            (.bcd32, .abcd, 12_345_678, [0x1234, 0x5678]),
            (.bcd32, .cdab, 12_345_678, [0x5678, 0x1234]),
            (.mod10k, .abcd, 12_345_678, [1_234, 5_678]),
            (.mod10k, .cdab, 12_345_678, [5_678, 1_234]),
            (.mod10k, .abcd, 1_000_200_030_004, [1, 2, 3, 4]),
            (.signmag16, .abcd, -300, [0x812C]), (.signmag16, .badc, -300, [0x2C81]),
            (.signmag16, .abcd, 40_000, [0x7FFF]), (.signmag16, .abcd, -0.2, [0]),
            (.signmag32, .abcd, -100_000, [0x8001, 0x86A0]),
            (.signmag32, .dcba, -100_000, [0xA086, 0x0180]),
            (.signmag32, .cdab, 100_000, [0x86A0, 0x0001]),
        ] as [Row])
    func `numbers become the words that were worked out by hand`(row: Row) {
        let layout = RegisterLayout(encoding: row.0, order: row.1, width: row.3.count)
        #expect(RegisterEncoder.words(raw: row.2, in: layout) == row.3)
    }

    @Test(
        arguments: [
            ("AB", .abcd, 2, [0x4142, 0]), ("AB", .badc, 2, [0x4241, 0]),
            ("ABCDE", .abcd, 2, [0x4142, 0x4344]),
            ("ABC", .cdab, 2, [0x4300, 0x4142]),
        ] as [(String, RegisterLayout.Order, Int, [UInt16])])
    func `texts lie two bytes to a register`(
        text: String, order: RegisterLayout.Order, width: Int, words: [UInt16]
    ) {
        let layout = RegisterLayout(encoding: .string, order: order, width: width)
        #expect(RegisterEncoder.words(for: text, in: layout) == words)
    }

    @Test(
        arguments: [
            ("OK", .abcd, 3, [0x4F, 0x4B, 0]), ("OK", .badc, 3, [0x4F00, 0x4B00, 0]),
            ("OKAY", .cdab, 2, [0x4B, 0x4F]),
        ] as [(String, RegisterLayout.Order, Int, [UInt16])])
    func `characters lie one to a register`(
        text: String, order: RegisterLayout.Order, width: Int, words: [UInt16]
    ) {
        let layout = RegisterLayout(encoding: .chars, order: order, width: width)
        #expect(RegisterEncoder.words(for: text, in: layout) == words)
    }

    @Test(
        arguments: [
            (.unixtime, .abcd, [0x6AFF, 0x9C79]), (.unixtime, .cdab, [0x9C79, 0x6AFF]),
            (.days2000, .abcd, [0x265C]), (.days2000, .badc, [0x5C26]),
            (.datetime, .abcd, [0x001A, 0x0B14, 0x0103, 0xD002]),
            (.datetime, .dcba, [0x02D0, 0x0301, 0x140B, 0x1A00]),
            (.bcdtime, .abcd, [0x2611, 0x2001, 0x0353]),
        ] as [(RegisterLayout.Encoding, RegisterLayout.Order, [UInt16])])
    func `clocks show the time`(
        encoding: RegisterLayout.Encoding, order: RegisterLayout.Order, words: [UInt16]
    ) throws {
        let time = try #require(Timestamp(rfc3339: "2026-11-20T01:03:53.250Z"))
        let layout = RegisterLayout(encoding: encoding, order: order, width: words.count)
        #expect(RegisterEncoder.words(at: time, in: layout) == words)
    }

    private static func signal(
        _ encoding: RegisterLayout.Encoding, width: Int = 1, at address: UInt16 = 0
    ) -> ProfileSignal {
        ProfileSignal(
            name: "s\(address)", table: .holding, address: address,
            layout: RegisterLayout(encoding: encoding, order: .abcd, width: width), scale: 1,
            offset: 0, unit: nil, role: nil, range: nil, unavailable: [], every: nil,
            publishing: .always, bits: [:])
    }

    @Test(
        arguments: [
            (.uint16, 4, 3, 5, 0x0050), (.uint16, 4, 3, 99, 0x0070),
            (.uint16, 0, 16, 65_534, 0xFFFE),
            (.uint16, 4, 3, -1, 0), (.int16, 4, 4, -8, 0x0080), (.int16, 4, 4, -99, 0x0080),
            (.int16, 4, 4, 99, 0x0070), (.int16, 12, 4, -1, 0xF000),
        ] as [(RegisterLayout.Encoding, Int, Int, Double, UInt16)])
    func `a field has its bits and no others`(
        encoding: RegisterLayout.Encoding, bit: Int, width: Int, number: Double, word: UInt16
    ) {
        var signal = Self.signal(encoding)
        signal.field = BitField(bit: bit, width: width)
        #expect(RegisterEncoder.words(for: number, of: signal) == [word])
        #expect(RegisterEncoder.mask(of: signal).map { word & ~$0 } == [0])
    }

    @Test func `the power of ten beside a value is undone`() {
        var signal = Self.signal(.int16)
        signal.scale = 0.5
        #expect(RegisterEncoder.words(for: 61.5, of: signal, exponent: -1) == [1230])
        #expect(RegisterEncoder.words(for: 61_000, of: signal, exponent: 3) == [122])
    }

    @Test func `signals that share a register keep their bits`() throws {
        var low = Self.signal(.uint16)
        low.field = BitField(bit: 0, width: 4)
        var high = low
        high.field = BitField(bit: 8, width: 8)
        let image = RegisterImage(
            [(low, 9.0), (Self.signal(.uint16), 4660.0), (high, 255.0)].map { signal, number in
                (
                    signal.table, signal.address, RegisterEncoder.words(for: number, of: signal),
                    RegisterEncoder.mask(of: signal)
                )
            }, maxGap: 0)
        #expect(image.runs.map(\.words) == [[0xFF39]])
    }

    @Test func `a pattern for no value is laid like the value it stands for`() {
        let swapped = RegisterLayout(encoding: .int32, order: .cdab, width: 2)
        #expect(RegisterEncoder.words(pattern: 0x8000_0001, in: swapped) == [1, 0x8000])
        let single = RegisterLayout(encoding: .int16, order: .abcd, width: 1)
        #expect(RegisterEncoder.words(pattern: 0x7FFF, in: single) == [0x7FFF])
    }

    /// Read back by plain arithmetic, for every whole encoding and order.
    @Test(arguments: [3, 77] as [UInt64], RegisterLayout.Order.allCases)
    func `whole numbers survive every order`(seed: UInt64, order: RegisterLayout.Order) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let number = UInt32.random(in: 0...UInt32.max, using: &random)
            let layout = RegisterLayout(encoding: .uint32, order: order, width: 2)
            var words = RegisterEncoder.words(raw: Double(number), in: layout)
            if order == .badc || order == .dcba { words = words.map(\.byteSwapped) }
            if order == .cdab || order == .dcba { words.swapAt(0, 1) }
            #expect(UInt32(words[0]) << 16 | UInt32(words[1]) == number, "seed \(seed)")
        }
    }
}
