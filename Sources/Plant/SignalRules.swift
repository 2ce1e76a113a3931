// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A register whose content is the power of ten that a value is to be multiplied by, as SunSpec's
/// `sunssf`: it comes in the same answer as the value, in the same table.
package struct ScaleFactor: Hashable, Sendable {
    /// The powers that make sense (SunSpec Information Model Specification, `sunssf`).
    package static let exponents = -10...10
    /// SunSpec's word for "not implemented".
    package static let notImplemented: UInt64 = 0x8000

    /// 0-based wire address.
    package var address: UInt16
    /// How it lies in its one register.
    package var layout: RegisterLayout
    /// Raw words that mean that there is none: the value is `not-available`.
    package var unavailable: [UInt64]
}

/// Some bits of a whole number that are a number of their own.
package struct BitField: Hashable, Sendable {
    /// The lowest of them, 0 the least significant of the word.
    package var bit: Int
    /// How many; at least 1. In a signed word the highest of them is the sign.
    package var width: Int
}

/// What makes a number a counter: it only goes up, and starts again somewhere.
package struct Counter: Hashable, Sendable {
    /// The raw number that it never reaches, because it starts again at 0 instead; `nil` if nobody
    /// can say, as with floats.
    package var rollover: Double?
}

/// When a good reading is worth a record.
package struct Publishing: Hashable, Sendable {
    /// A number closer than this to the last one published is not published; above 0.
    package var deadband: Double?
    /// What equals the last one published is not published.
    package var onChange: Bool
    /// What has not been published for so long is, however close.
    package var atLeastEvery: Duration?

    /// Every good reading.
    package static let always = Publishing(deadband: nil, onChange: false, atLeastEvery: nil)

    /// Whether every good reading is published.
    package var isAlways: Bool { deadband == nil && !onChange }

    /// What a signal's bits have of it: a deadband is the number's alone.
    package var ofBits: Publishing {
        onChange
            ? Publishing(deadband: nil, onChange: true, atLeastEvery: atLeastEvery) : .always
    }
}
