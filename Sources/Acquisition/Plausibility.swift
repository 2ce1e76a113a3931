// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
package import Plant

/// What devices that measure something are likely to hold, as a rule of thumb for people who have
/// to choose: it never decides what is published.
enum Plausibility {
    /// What a float of a measurement is: a thousandth to ten millions, of either sign.
    static let reals = 1e-3...1e7
    /// A register of its own seldom counts further, and swapped bytes mostly lead beyond.
    static let word = 20_000.0
    /// A counter of pulses or watt-hours, some years old.
    static let longWord = 1e8
    /// What a clock that was set shows.
    static let years = 2015...2035
    /// Fewer characters look like a text by chance.
    static let shortestText = 3

    /// Whether `value`, read from `words` in this layout, is such.
    static func holds(
        _ value: Value, in layout: RegisterLayout, from words: ArraySlice<UInt16>
    ) -> Bool {
        switch value {
        case .boolean: return words.allSatisfy { $0 <= 1 }
        case .text(let text) where layout.encoding.isTime:
            return Int(text.prefix(4)).map(years.contains) ?? false
        case .text(let text):
            return text.utf8.count >= shortestText && text.utf8.allSatisfy { $0 < 0x7F }
        case .integer, .unsigned: return false
        case .number(let number):
            // Nothing but zeros fits every number alike; the plainest type says it.
            if number == 0 { return layout.encoding == .uint16 || layout.encoding == .uint32 }
            switch layout.encoding {
            // Half of all words are such a float; one of few digits is meant.
            case .float16:
                return abs(number) < 1_000 && (number * 100).rounded() == number * 100
            case .float32, .float64: return reals.contains(abs(number))
            // Any digits up to 9 would do; a number that fills them all is chance more often.
            case .bcd16: return (10..<1_000).contains(number)
            case .bcd32: return (10..<1_000_000).contains(number)
            case .mod10k: return layout.width > 1 && isLed(number, layout.width)
            // The unsigned type says it already.
            case .int16, .signmag16: return number < 0 && number > -word / 2
            case .int32, .int64, .signmag32: return number < 0 && number > -longWord
            case .uint16: return number <= word
            default: return number <= longWord
            }
        }
    }

    /// Whether the first of several registers of 10000 is not 0, but small.
    private static func isLed(_ number: Double, _ width: Int) -> Bool {
        let unit = (1..<width).reduce(1.0) { product, _ in product * 10_000 }
        return number >= unit && number < unit * 1_000
    }
}

extension RegisterLayout.Encoding {
    /// Whether its values are points in time, as text.
    package var isTime: Bool {
        switch self {
        case .unixtime, .datetime, .bcdtime, .days2000: true
        default: false
        }
    }
}
