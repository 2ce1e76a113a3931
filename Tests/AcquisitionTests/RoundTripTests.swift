// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Acquisition
@testable import Plant
@testable import Simulator

/// What the simulator encodes, the gateway decodes: two pieces of code that share no line.
struct RoundTripTests {
    private static let encodings = RegisterLayout.Encoding.allCases.flatMap { encoding in
        RegisterLayout.Order.allCases.map { (encoding, $0) }
    }

    private func layouts(
        _ encoding: RegisterLayout.Encoding, _ order: RegisterLayout.Order
    ) -> [RegisterLayout] {
        let widths = encoding.widths.map { 2...min(4, $0.upperBound) }
        return (widths ?? encoding.width...encoding.width).map {
            RegisterLayout(encoding: encoding, order: order, width: $0)
        }
    }

    /// The least and the greatest that the encoding holds, and that a `Double` holds exactly.
    private func limits(_ layout: RegisterLayout) -> (Double, Double) {
        switch layout.encoding {
        case .bool: (0, 1)
        case .int16: (-32_768, 32_767)
        case .int32: (-0x1p31, 0x1p31 - 1)
        case .signmag16: (-32_767, 32_767)
        case .signmag32: (-0x1p31 + 1, 0x1p31 - 1)
        case .int64, .float64: (-0x1p53, 0x1p53)
        case .float16: (-2048, 2048)
        case .float32: (-0x1p24, 0x1p24)
        default: (0, min(0x1p53, (layout.encoding.rollover(width: layout.width) ?? 1) - 1))
        }
    }

    @Test(arguments: encodings)
    func `every encoding in every order comes back as it went`(
        _ encoding: RegisterLayout.Encoding, _ order: RegisterLayout.Order
    ) {
        for layout in layouts(encoding, order) {
            var dice = Dice(seed: UInt64(layout.width))
            let point = Point(.sample(encoding, order: order, width: layout.width))
            for round in 0..<200 {
                let (words, expected) = sent(layout, round, &dice)
                #expect(point.content(of: words[...]) == .good(expected), "\(layout)")
            }
        }
    }

    private func sent(
        _ layout: RegisterLayout, _ round: Int, _ dice: inout Dice
    ) -> (words: [UInt16], value: Value) {
        guard layout.encoding.kind != .text else { return sentText(layout, &dice) }
        let (low, high) = limits(layout)
        let raw =
            switch round {
            case 0: low
            case 1: high
            case 2: 0.0
            default: Double.random(in: low...high, using: &dice).rounded()
            }
        let words = RegisterEncoder.words(raw: raw, in: layout)
        if layout.encoding == .bool { return (words, .boolean(raw != 0)) }
        return (words, .number(raw))
    }

    private func sentText(
        _ layout: RegisterLayout, _ dice: inout Dice
    ) -> (words: [UInt16], value: Value) {
        if layout.encoding == .string || layout.encoding == .chars {
            let room = layout.encoding == .chars ? layout.width : layout.width * 2
            let count = Int.random(in: 0...room, using: &dice)
            let text = (0..<count).map { _ in
                Character(UnicodeScalar(UInt8.random(in: 0x21...0x7E, using: &dice)))
            }
            return (
                RegisterEncoder.words(for: String(text), in: layout), .text(String(text))
            )
        }
        // From 2000 to 2100, when the counts of days and seconds still fit.
        let time = Timestamp(
            milliseconds: .random(in: 946_684_800_000...4_102_444_799_999, using: &dice))
        let text = time.rfc3339
        let shown =
            switch layout.encoding {
            case .unixtime: text.prefix(19) + "Z"
            case .days2000: text.prefix(10)
            case .bcdtime: text.prefix(19)
            default: text.prefix(23)
            }
        return (RegisterEncoder.words(at: time, in: layout), .text(String(shown)))
    }

    @Test(arguments: [
        (RegisterLayout.Encoding.uint16, 16), (.int16, 16), (.uint32, 32), (.int64, 64),
    ])
    func `every field comes back as it went`(_ encoding: RegisterLayout.Encoding, _ size: Int) {
        for bit in 0..<size {
            for width in 1...min(size - bit, 40) {
                var source = ProfileSignal.sample(encoding, order: .dcba, width: size / 16)
                source.field = BitField(bit: bit, width: width)
                let half = Double(UInt64(1) << UInt64(width - 1))
                let range =
                    encoding == .uint16 || encoding == .uint32
                    ? 0...half * 2 - 1 : -half...half - 1
                for number in [range.lowerBound, range.upperBound, 0] {
                    let words = RegisterEncoder.words(for: number, of: source)
                    #expect(Point(source).content(of: words[...]) == .good(.number(number)))
                }
            }
        }
    }

    @Test(arguments: -10...10)
    func `every power of ten comes back as it went`(_ exponent: Int) {
        var source = ProfileSignal.sample(.int32, width: 2, at: 4)
        source.scale = 0.5
        source.scaleFactor = ScaleFactor(
            address: 6, layout: RegisterLayout(encoding: .int16, order: .abcd, width: 1),
            unavailable: [0x8000])
        for raw in [-2_000_000_000.0, -3, 0, 7, 2_000_000_000] {
            let power = (0..<abs(exponent)).reduce(1.0) { power, _ in power * 10 }
            let number = exponent < 0 ? raw * 0.5 / power : raw * 0.5 * power
            let words =
                RegisterEncoder.words(for: number, of: source, exponent: exponent)
                + [UInt16(bitPattern: Int16(exponent))]
            #expect(Point(source).content(of: words[...]) == .good(.number(number)))
        }
    }
}
