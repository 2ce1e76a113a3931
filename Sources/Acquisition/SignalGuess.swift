// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment
package import Modbus
package import Plant

/// What some registers of an unknown device seem to hold, and why that is thought.
package struct SignalGuess: Hashable, Sendable {
    /// What speaks for it.
    package enum Reason: Hashable, Sendable {
        /// A float of the size that measurements have; `moves`: it changed as one does.
        case float(moves: Bool)
        /// It only grows; `carries`: and its high word went up as the low one went over.
        case counter(carries: Bool)
        /// The high word is the sign of the low one: 0xFFFF or 0.
        case signedPair
        /// The high word is 0 or small, as it is in pair after pair here.
        case pairAmongPairs
        /// The high word is 0 or small, for once.
        case smallHighWord
        /// Printable characters throughout.
        case text
        /// As a 16-bit number it goes below zero, or is just below it.
        case negative
        /// A 16-bit number of a size that occurs; `moves`: it changed.
        case word(moves: Bool)
        /// A coil or discrete input that is or was set.
        case bit(moves: Bool)
        /// Larger than 16-bit numbers mostly are.
        case largeWord
        /// The pattern that many devices send for "none".
        case sentinel
        /// Nothing but zero, which fits every type.
        case zero
        /// Nothing but zero, between values of this type.
        case zeroAmongOthers
    }

    /// Where.
    package let table: Table
    /// The first wire address.
    package let address: Int
    /// The type and the order.
    package let layout: RegisterLayout
    /// Why.
    package let reason: Reason
    /// What it makes of each sample; `nil` for words that are no value of the type.
    package let values: [Value?]

    /// Whether more speaks for it than its size.
    package var isLikely: Bool {
        switch reason {
        case .float, .counter, .signedPair, .pairAmongPairs, .text: true
        case .negative, .word(moves: true), .bit: true
        default: false
        }
    }

    /// Whether there is anything to publish: a register that is always 0 may be none at all.
    package var isWorthReading: Bool { reason != .zero }
}

extension SignalGuess {
    /// Why, in words.
    package var reasonText: String {
        switch reason {
        case .float(moves: true): "a float that moves as measurements do"
        case .float(moves: false): "a float of a usual size"
        case .counter(carries: true): "only grows, and the high word carries"
        case .counter(carries: false): "only grows"
        case .signedPair: "the high word is the sign"
        case .pairAmongPairs: "a small high word, as its neighbours have"
        case .smallHighWord: "a small high word; two single numbers would look alike"
        case .text: "printable throughout"
        case .negative: "below zero as a signed number"
        case .word(moves: true): "a number that moves"
        case .word(moves: false): "a constant"
        case .bit(moves: true): "a bit that changes"
        case .bit(moves: false): "a bit that is set"
        case .largeWord: "large or leaping for a single register; perhaps part of something longer"
        case .sentinel: "the pattern that often means \"no value\""
        case .zero: "always 0"
        case .zeroAmongOthers: "always 0, between values of this type"
        }
    }
}
