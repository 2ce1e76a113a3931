// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment

/// A signal that no register holds: it is worked out from others of its profile.
package struct DerivedSignal: Hashable, Sendable {
    /// How it is worked out; the words of the profile.
    package enum Operation: String, CaseIterable, Sendable {
        /// All of them together.
        case sum
        /// The first without the second.
        case difference
        /// The first by the second.
        case ratio
        /// The greatest deviation from the mean, in percent of the mean
        /// (NEMA MG 1, §14.36.2).
        case unbalance
    }

    /// Unique among all signals of the profile.
    package var name: String
    /// What is done with the inputs.
    package var operation: Operation
    /// Names of numbers of this profile, of derived ones only those that stand above: so there are
    /// no circles, and one pass in the order of the file works out all of them.
    package var inputs: [String]
    /// value = result × scale.
    package var scale: Double
    /// UCUM code.
    package var unit: String?
    /// What it means to rules and reports.
    package var role: Role?
    /// Outside it a reading is bad: `out-of-range`. An end that is not written is infinite.
    package var range: ClosedRange<Double>?
    /// When a good reading is worth a record.
    package var publishing: Publishing
}

extension DerivedSignal.Operation {
    /// More inputs than any machine has phases, cells or strings to be added up.
    private static let most = 32

    /// How many inputs it takes.
    package var inputs: ClosedRange<Int> {
        switch self {
        case .sum: 2...Self.most
        case .difference, .ratio: 2...2
        case .unbalance: 3...Self.most
        }
    }
}

extension Profile {
    /// The signals with registers that a derived one rests on in the end; of another, itself.
    package func sources(of name: String) -> Set<String> {
        var sources: Set<String> = [name]
        for derived in derived.reversed() where sources.remove(derived.name) != nil {
            sources.formUnion(derived.inputs)
        }
        return sources
    }
}
