// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@Suite struct ValueTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (1_795_136_633_004, "2026-11-20T01:03:53.004Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func `a stamp is written and read as known dates`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).rfc3339 == text)
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [2026, 11, 20] as [UInt64])
    func `every stamp survives being written and read`(seed: UInt64) {
        var random = Seeded(state: seed)
        for _ in 0..<5_000 {
            let stamp = Timestamp(
                milliseconds: .random(
                    in: -62_167_219_200_000...253_402_300_799_999, using: &random))
            #expect(Timestamp(rfc3339: stamp.rfc3339) == stamp, "seed \(seed)")
        }
    }

    @Test(
        arguments: [
            ("2026-11-20T02:03:53.004+01:00", 1_795_136_633_004),
            ("2026-11-19t20:33:53.0049-04:30", 1_795_136_633_004),
            ("2026-11-20 01:03:53z", 1_795_136_633_000), ("2026-02-30T00:00:00Z", nil),
            ("2025-02-29T00:00:00Z", nil), ("2026-13-01T00:00:00Z", nil),
            ("2026-01-01T24:00:00Z", nil), ("2026-01-01T00:00:00", nil),
            ("2026-01-01T00:00:00.Z", nil), ("2026-01-01T00:00:00Zx", nil), ("", nil),
            ("2026-01-01T00:00:00+99:00", nil),
        ] as [(String, Int64?)])
    func `other forms are read by the letter of RFC 3339`(text: String, milliseconds: Int64?) {
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test func `years beyond four digits are clamped`() {
        #expect(Timestamp(milliseconds: .max).rfc3339 == "9999-12-31T23:59:59.999Z")
        #expect(Timestamp(milliseconds: .min).rfc3339 == "0000-01-01T00:00:00.000Z")
    }

    @Test func `a whole number is a number where a Double holds it exactly`() {
        let limit = Int64(1) << 53
        #expect(Value(exactly: limit) == .number(9_007_199_254_740_992))
        #expect(Value(exactly: limit + 1) == .integer(limit + 1))
        #expect(Value(exactly: Int64.min) == .number(-9_223_372_036_854_775_808))
        #expect(Value(exactly: Int64.max) == .integer(.max))
        #expect(Value(exactly: UInt64.max) == .unsigned(.max))
        #expect(Value(exactly: UInt64(1) << 63) == .number(9_223_372_036_854_775_808))
        #expect(Value(exactly: UInt16(7)).number == 7)
        #expect(Value.unsigned(.max).number == 0x1p64)
        #expect(Value.text("7").number == nil)
        #expect(Value.boolean(true).number == nil)
    }
}
