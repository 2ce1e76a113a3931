// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What a signal says: a number, a Boolean or a text. Absence is `nil`, never a value.
package enum Value: Hashable, Sendable {
    /// Always finite.
    case number(Double)
    /// A whole number that a `Double` cannot hold exactly.
    case integer(Int64)
    /// A whole number above `Int64.max` that a `Double` cannot hold exactly.
    case unsigned(UInt64)
    case boolean(Bool)
    /// UTF-8 without ASCII control characters, as a device had it.
    case text(String)
}

extension Value {
    /// The exact value of a whole number, as a `.number` wherever a `Double` holds it exactly.
    package init(exactly whole: some FixedWidthInteger) {
        if let number = Double(exactly: whole) {
            self = .number(number)
        } else if let integer = Int64(exactly: whole) {
            self = .integer(integer)
        } else {
            self = .unsigned(UInt64(truncatingIfNeeded: whole))
        }
    }

    /// The number to compare with a limit; `nil` for a Boolean or a text.
    package var number: Double? {
        switch self {
        case .number(let number): number
        case .integer(let integer): Double(integer)
        case .unsigned(let unsigned): Double(unsigned)
        case .boolean, .text: nil
        }
    }
}
