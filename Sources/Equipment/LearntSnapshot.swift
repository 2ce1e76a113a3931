// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Something that a device was found not to give, although its profile says that it does.
package struct LearntSnapshot: Hashable, Sendable {
    /// What it does not give.
    package enum Matter: Hashable, Sendable {
        /// The value at these addresses.
        case value(Range<Int>)
        /// In one answer, values that begin before this address together with values that do not.
        case across(Int)
        /// More registers (or bits) than these in one answer.
        case more(than: Int)
    }

    /// In which table, as a profile names it.
    package var table: String
    /// What it does not give.
    package var matter: Matter
    /// What it answers instead; nil if it leaves the request unanswered, and answers others.
    package var exception: UInt8?
    /// When that was found out.
    package var since: Timestamp
    /// The signals that it is about: those that are refused, or those on either side of a line.
    package var signals: [String]
    /// All of it in one sentence, and what to change in the profile.
    package var text: String

    /// What was found out at `since`.
    package init(
        table: String, matter: Matter, exception: UInt8?, since: Timestamp, signals: [String],
        text: String
    ) {
        self.table = table
        self.matter = matter
        self.exception = exception
        self.since = since
        self.signals = signals
        self.text = text
    }
}
