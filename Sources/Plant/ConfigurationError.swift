// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Settings

/// A configuration that cannot be used, with everything that is wrong with it.
package struct ConfigurationError: Error, Hashable, Sendable {
    /// Of the configuration first, then of the profiles it uses; never empty.
    package let mistakes: [Mistake]
    /// What else is worth knowing; may be empty.
    package let notes: [Note]

    /// At least one mistake.
    package init(mistakes: [Mistake], notes: [Note]) {
        self.mistakes = mistakes
        self.notes = notes
    }
}

/// A profile or capture that cannot be used, with everything that is wrong with it.
package struct ProfileError: Error, Hashable, Sendable {
    /// Never empty.
    package let mistakes: [Mistake]

    /// At least one mistake.
    package init(mistakes: [Mistake]) {
        self.mistakes = mistakes
    }
}
