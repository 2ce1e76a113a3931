// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A part of a YAML document, and where it stands.
package struct Node: Sendable {
    /// Where it begins.
    package let place: Place
    /// What it is.
    package let content: Content

    /// One of the three shapes of YAML, or none.
    package enum Content: Sendable {
        /// A text as it is meant, after quotes and escapes; plain means written without quotes.
        case scalar(String, quoted: Bool)
        case sequence([Node])
        /// In the order of the file, no key twice.
        case mapping([Entry])
        /// Something that was reported already and must not be judged again.
        case unreadable
    }

    /// A key of a mapping with its value.
    package struct Entry: Sendable {
        /// The key as it is meant.
        package let key: String
        /// Where the key stands.
        package let place: Place
        /// What stands under it.
        package let value: Node
    }

    /// A part that begins at `place`.
    package init(place: Place, content: Content) {
        self.place = place
        self.content = content
    }
}

extension Node {
    /// Nothing written, `~` or `null`, as YAML's core schema has it.
    package var isNull: Bool {
        guard case .scalar(let text, quoted: false) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// What it is, in words for a mistake.
    var kind: String {
        switch content {
        case .scalar: isNull ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .unreadable: "something unreadable"
        }
    }
}
