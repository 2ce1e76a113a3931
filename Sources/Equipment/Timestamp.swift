// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A point in time, UTC, in whole milliseconds: what a record is stamped with.
///
/// It orders nothing and schedules nothing; order is the sequence's, and waiting is monotonic.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// How long after `earlier` it is, as the wall clock has it; zero if it is not.
    package func elapsed(since earlier: Timestamp) -> Duration {
        max(.zero, .milliseconds(milliseconds) - .milliseconds(earlier.milliseconds))
    }

    /// The same instant by a clock that has been set by `step` since.
    package func moved(by step: Duration) -> Timestamp {
        Timestamp(milliseconds: milliseconds &+ step.milliseconds)
    }
}

extension Timestamp {
    /// The length of `rfc3339` for every year from 0000 to 9999.
    package static let rfc3339Length = 24

    /// `2026-11-20T01:03:53.004Z` (RFC 3339, §5.6); years outside 0000–9999 are clamped.
    package var rfc3339: String {
        String(unsafeUninitializedCapacity: Self.rfc3339Length) { buffer in
            write(into: buffer)
            return Self.rfc3339Length
        }
    }

    /// Writes `rfc3339` into the first 24 bytes of `buffer`, without allocating.
    package func write(into buffer: UnsafeMutableBufferPointer<UInt8>) {
        precondition(buffer.count >= Self.rfc3339Length, "an RFC 3339 stamp takes 24 bytes")
        let clamped = min(max(milliseconds, Self.yearZero), Self.endOfYear9999)
        let (days, inDay) = clamped.floorDivided(by: 86_400_000)
        let (year, month, day) = Self.civil(fromDays: days)
        func digits(_ value: Int64, _ count: Int, at offset: Int) {
            var rest = value
            for position in stride(from: offset + count - 1, through: offset, by: -1) {
                buffer[position] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
        }
        digits(year, 4, at: 0)
        digits(month, 2, at: 5)
        digits(day, 2, at: 8)
        digits(inDay / 3_600_000, 2, at: 11)
        digits(inDay / 60_000 % 60, 2, at: 14)
        digits(inDay / 1_000 % 60, 2, at: 17)
        digits(inDay % 1_000, 3, at: 20)
        for (offset, mark) in Self.marks { buffer[offset] = mark }
    }

    /// Reads an RFC 3339 time with any offset and any number of decimals; `nil` if it is none.
    package init?(rfc3339 text: some StringProtocol) {
        var scan = Scan(rest: Array(text.utf8)[...])
        guard let year = scan.number(4), scan.mark("-") != nil, let month = scan.number(2),
            scan.mark("-") != nil, let day = scan.number(2), scan.mark("Tt ") != nil,
            let hour = scan.number(2), scan.mark(":") != nil, let minute = scan.number(2),
            scan.mark(":") != nil, let second = scan.number(2),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
            second <= 60, let milliseconds = scan.fraction(),
            let offsetMinutes = scan.offsetMinutes(), scan.rest.isEmpty
        else { return nil }
        let days = Self.days(year: year, month: month, day: day)
        // A day past the end of its month would turn up in the next one.
        guard Self.civil(fromDays: days).day == day else { return nil }
        let seconds = days * 86_400 + hour * 3_600 + (minute - offsetMinutes) * 60 + second
        self.init(milliseconds: seconds * 1_000 + milliseconds)
    }

    private static let yearZero: Int64 = -62_167_219_200_000
    private static let endOfYear9999: Int64 = 253_402_300_799_999
    private static let marks: [(Int, UInt8)] = [
        (4, UInt8(ascii: "-")), (7, UInt8(ascii: "-")), (10, UInt8(ascii: "T")),
        (13, UInt8(ascii: ":")), (16, UInt8(ascii: ":")), (19, UInt8(ascii: ".")),
        (23, UInt8(ascii: "Z")),
    ]

    /// Proleptic Gregorian date of a day counted from 1970-01-01, by eras of 400 years that
    /// begin in March, so that the leap day comes last.
    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).floorDivided(by: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let (era, yearOfEra) = (month <= 2 ? year - 1 : year).floorDivided(by: 400)
        let shifted = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * shifted + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

/// Takes the parts of an RFC 3339 time from the front of a text.
private struct Scan {
    var rest: ArraySlice<UInt8>

    /// A number of exactly `count` digits.
    mutating func number(_ count: Int) -> Int64? {
        guard rest.count >= count else { return nil }
        var value: Int64 = 0
        for byte in rest.prefix(count) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        rest = rest.dropFirst(count)
        return value
    }

    /// One of the `allowed` characters.
    mutating func mark(_ allowed: String) -> UInt8? {
        guard let byte = rest.first, allowed.utf8.contains(byte) else { return nil }
        rest = rest.dropFirst()
        return byte
    }

    /// The decimals of a second in whole milliseconds, what is finer cut off; 0 without any.
    mutating func fraction() -> Int64? {
        guard mark(".") != nil else { return 0 }
        guard let first = number(1) else { return nil }
        var weight: Int64 = 100
        var milliseconds = first * weight
        while let digit = number(1) {
            weight /= 10
            milliseconds += digit * weight
        }
        return milliseconds
    }

    /// Minutes by which the zone's clocks are ahead of UTC.
    mutating func offsetMinutes() -> Int64? {
        guard let zone = mark("Zz+-") else { return nil }
        guard zone == UInt8(ascii: "+") || zone == UInt8(ascii: "-") else { return 0 }
        guard let hours = number(2), mark(":") != nil, let minutes = number(2), hours < 24,
            minutes < 60
        else { return nil }
        return (hours * 60 + minutes) * (zone == UInt8(ascii: "-") ? -1 : 1)
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
