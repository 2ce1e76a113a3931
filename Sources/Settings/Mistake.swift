// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Where something stands in a file; both count from 1, columns in characters.
package struct Place: Hashable, Comparable, CustomStringConvertible, Sendable {
    /// From 1.
    package let line: Int
    /// From 1, in characters.
    package let column: Int

    /// Both from 1.
    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// The first character of a file: where a mistake of the whole file is reported.
    package static let start = Place(line: 1, column: 1)

    /// `line:column`, as editors and CI understand it.
    package var description: String { "\(line):\(column)" }

    /// In the order of the file.
    package static func < (left: Place, right: Place) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// Something wrong in a settings file, said to the person who wrote it.
package struct Mistake: Hashable, Sendable, CustomStringConvertible {
    /// The path as it was given.
    package let file: String
    /// Where it stands.
    package let place: Place
    /// One sentence without a full stop.
    package let message: String
    /// What to write instead, if it can be guessed.
    package let suggestion: String?

    /// A mistake of `file` at `place`.
    package init(file: String, place: Place, message: String, suggestion: String?) {
        self.file = file
        self.place = place
        self.message = message
        self.suggestion = suggestion
    }

    /// `file:line:column: message (did you mean "x"?)`, as editors and CI understand it.
    package var description: String {
        let hint = suggestion.map { " (did you mean \"\($0)\"?)" } ?? ""
        return "\(file):\(place): \(message)\(hint)"
    }
}

/// Worth knowing and no reason to refuse, such as a file that is missing on this box.
package struct Note: Hashable, Sendable, CustomStringConvertible {
    /// The path as it was given.
    package let file: String
    /// Where it stands.
    package let place: Place
    /// One sentence without a full stop.
    package let message: String

    /// A note on `file` at `place`.
    package init(file: String, place: Place, message: String) {
        self.file = file
        self.place = place
        self.message = message
    }

    /// `file:line:column: note: message`.
    package var description: String {
        "\(file):\(place): note: \(message)"
    }
}
