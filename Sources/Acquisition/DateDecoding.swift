// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Plant

// Clocks of devices, as RFC 3339 writes them. A device's own clock shows the time of some zone that
// it does not tell: no offset is written behind it but the one that the profile gives.

extension RegisterLayout.Raw {
    /// 2000-01-01, in days since 1970.
    private static let year2000: Int64 = 10_957
    private static let millisecondsOfDay: Int64 = 86_400_000

    /// UTC by definition.
    static func date(secondsSince1970 seconds: UInt64) -> Self {
        let text = Timestamp(milliseconds: Int64(seconds) * 1000).rfc3339
        return .text(String(text.prefix { $0 != "." }) + "Z")
    }

    /// A day without a time.
    static func date(daysSince2000 days: UInt64) -> Self {
        let day = Timestamp(milliseconds: (year2000 + Int64(days)) * millisecondsOfDay)
        return .text(String(day.rfc3339.prefix(10)))
    }

    /// Four words, most significant first: year since 2000 in 7 bits · month in bits 8–11, day of
    /// the week in 5–7, day in 0–4 · summer time in bit 15, hour in 8–12, "invalid" in bit 7,
    /// minute in 0–5 · milliseconds of the minute (IEC 60870-5-4; Schneider Electric, PM5000 series
    /// register list, type DATETIME).
    static func dateTime(of bits: UInt64) -> Self {
        guard bits >> 23 & 1 == 0 else { return .invalid }
        let milliseconds = Int(bits & 0xFFFF)
        return .clock(
            year: 2000 + Int(bits >> 48 & 0x7F), month: Int(bits >> 40 & 0xF),
            day: Int(bits >> 32 & 0x1F), hour: Int(bits >> 24 & 0x1F),
            minute: Int(bits >> 16 & 0x3F), second: milliseconds / 1000,
            fraction: "." + padded(milliseconds % 1000, to: 3))
    }

    /// Six bytes of two decimal digits: year since 2000, month, day, hour, minute, second.
    static func decimalDateTime(of bits: UInt64) -> Self {
        var parts: [Int] = []
        for shift in stride(from: UInt64(40), through: 0, by: -8) {
            let (tens, ones) = (Int(bits >> (shift + 4) & 0xF), Int(bits >> shift & 0xF))
            guard tens <= 9, ones <= 9 else { return .nonsense }
            parts.append(tens * 10 + ones)
        }
        return .clock(
            year: 2000 + parts[0], month: parts[1], day: parts[2], hour: parts[3],
            minute: parts[4], second: parts[5], fraction: "")
    }

    private static func clock(
        year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, fraction: String
    ) -> Self {
        let isLeap =
            year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...12).contains(month), (1...lengths[month - 1]).contains(day), hour < 24,
            minute < 60, second < 60
        else { return .nonsense }
        let date = [padded(year, to: 4), padded(month, to: 2), padded(day, to: 2)]
        let time = [hour, minute, second].map { padded($0, to: 2) }
        return .text(date.joined(separator: "-") + "T" + time.joined(separator: ":") + fraction)
    }

    private static func padded(_ number: Int, to digits: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}
