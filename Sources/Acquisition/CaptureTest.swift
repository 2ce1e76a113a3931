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
        /// As the profile names it; bits are `<signal>.<bit>`.
        package let signal: String
        /// What the capture states.
        package let expected: Capture.Content
        /// What the profile makes of the words; `nil` if the profile has no such signal, or the
        /// capture not all its words.
        package let found: Reading.Content?

        /// Whether the profile makes of the words what the capture states.
        package var isRight: Bool { found.map(expected.matches) ?? false }
    }

    /// One for each value that the capture states, in its order.
    package let outcomes: [Outcome]

    /// Decodes every case of `capture` with `profile`.
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
            guard signal.sources.allSatisfy({ held[UInt16($0)] != nil }) else { continue }
            // What lies between a value and its scale factor means nothing to it.
            let words = signal.extent.map { held[UInt16($0)] ?? 0 }
            for (name, content) in zip(signal.names, Point(signal).contents(of: words[...])) {
                contents[name] = content
            }
        }
        for derived in profile.derived {
            let inputs = derived.inputs.compactMap { contents[$0] }
            guard inputs.count == derived.inputs.count else { continue }
            contents[derived.name] = derived.content(of: inputs)
        }
        return contents
    }
}
