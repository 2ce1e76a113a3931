// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment
internal import Modbus
package import Plant

/// A profile held against a capture of its device: what the words decode to, and what they should.
package struct CaptureTest: Sendable {
    /// One value that the capture states.
    package struct Outcome: Sendable {
        /// The name of the capture's case.
        package let name: String
        package let signal: String
        package let expected: Capture.Content
        /// What the profile makes of the words; `nil` if the profile has no such signal, or the
        /// capture not all its words.
        package let found: Reading.Content?

        package var isRight: Bool { found.map(expected.matches) ?? false }
    }

    /// One for each value that the capture states, in its order.
    package let outcomes: [Outcome]

    package init(_ capture: Capture, of profile: Profile) {
        outcomes = capture.cases.flatMap { each in
            let found = Self.decode(each, by: profile)
            return each.expected.map { expectation in
                Outcome(
                    name: each.name, signal: expectation.signal, expected: expectation.content,
                    found: found[expectation.signal])
            }
        }
    }

    private static func decode(
        _ case: Capture.Case, by profile: Profile
    ) -> [String: Reading.Content] {
        var contents: [String: Reading.Content] = [:]
        for signal in profile.signals {
            let held = `case`.words[signal.table] ?? [:]
            let words = signal.addresses.compactMap { held[UInt16($0)] }
            guard words.count == signal.layout.width else { continue }
            for (name, content) in zip(signal.names, Point(signal).contents(of: words[...])) {
                contents[name] = content
            }
        }
        return contents
    }
}
