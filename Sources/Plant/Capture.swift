// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment
package import Modbus

/// Raw registers of a device and the values they must decode to: `capture.yaml`, the proof of the
/// profile beside it.
package struct Capture: Sendable {
    /// In the order of the file.
    package var cases: [Case]

    /// What a device held at one moment, and what is to be read from it.
    package struct Case: Sendable {
        /// What is going on.
        package var name: String
        /// Table → wire address → word; a coil or discrete input is 0 or 1.
        package var words: [Table: [UInt16: UInt16]]
        /// In the order of the file; names are those of the profile, bits as `<signal>.<bit>`.
        package var expected: [Expectation]
    }

    /// What one signal must read.
    package struct Expectation: Sendable {
        /// As in the profile, a bit as `<signal>.<bit>`.
        package var signal: String
        /// What it must read.
        package var content: Content
    }

    /// A value, or the reason why there is none.
    package enum Content: Hashable, Sendable {
        case good(Value)
        /// `not-available` or `out-of-range`: what a device's own words can cause.
        case bad(Reason)
    }
}

extension Capture.Content {
    /// How far a number may be from the one written, relative to it: a float32 has 24 bits.
    private static let tolerance = 1e-6

    /// Whether a decoded reading is the one expected.
    package func matches(_ content: Reading.Content) -> Bool {
        switch (self, content) {
        case (.bad(let expected), .bad(let reason)):
            expected == reason
        case (.good(.number(let expected)), .good(.number(let value))):
            abs(value - expected) <= Self.tolerance * abs(expected)
        case (.good(let expected), .good(let value)):
            expected == value
        case (.good, .bad), (.bad, .good), (_, .uncertain):
            false
        }
    }
}

extension Capture {
    /// The signals and bits of the profile that no case reads a value of.
    package func unproven(of profile: Profile) -> [String] {
        let proven = Set(
            cases.flatMap(\.expected).filter {
                if case .good = $0.content { true } else { false }
            }.map(\.signal))
        return profile.names.filter { !proven.contains($0) }
    }
}
