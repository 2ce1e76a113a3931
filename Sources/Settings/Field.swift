// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A value with the name it has in the file: reads itself as what is wanted, or reports why not.
///
/// Every reading gives `nil` after a mistake, so that the caller can go on to the next value.
package struct Field {
    /// What the document itself goes by in messages, having no key; no key reads like this.
    static let wholeFile = "the file"

    /// The key it stands under, or the name of the list it stands in.
    package let key: String
    /// Where that key stands.
    package let keyPlace: Place
    /// What is written there.
    package let node: Node
    /// Where its mistakes go.
    package let findings: Findings

    /// Where the value stands; its key, if nothing is written.
    package var place: Place { node.isNull ? keyPlace : node.place }

    /// Reports a mistake of the value.
    package func mistake(_ message: String, suggestion: String? = nil) {
        findings.mistake(at: place, message, suggestion: suggestion)
    }

    /// A text in quotes for a message: cut, and without what could upset a terminal.
    package static func quote(_ text: String) -> String {
        let longest = 48
        var shown = "\""
        for scalar in text.unicodeScalars.prefix(longest) {
            let plain = !scalar.properties.isWhitespace || scalar == " "
            let visible = scalar.properties.generalCategory.isVisible
            shown.unicodeScalars.append(plain && visible ? scalar : "?")
        }
        return shown + (text.unicodeScalars.count > longest ? "…\"" : "\"")
    }
}

extension Unicode.GeneralCategory {
    fileprivate var isVisible: Bool {
        switch self {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            false
        default: true
        }
    }
}

extension Field {
    /// The values of a mapping under their keys; nothing written is an empty mapping.
    package func entries() -> [Field]? {
        switch node.content {
        case .mapping(let entries):
            return entries.map {
                Field(key: $0.key, keyPlace: $0.place, node: $0.value, findings: findings)
            }
        case .unreadable:
            return nil
        case .scalar where node.isNull:
            return []
        case .scalar, .sequence:
            mistake("\(subject) must be a mapping (key: value), not \(node.kind)")
            return nil
        }
    }

    /// The values of a list; nothing written is an empty list.
    package func items() -> [Field]? {
        switch node.content {
        case .sequence(let items):
            return items.map {
                Field(key: key, keyPlace: $0.place, node: $0, findings: findings)
            }
        case .unreadable:
            return nil
        case .scalar where node.isNull:
            return []
        case .scalar, .mapping:
            mistake("\(subject) must be a list, not \(node.kind)")
            return nil
        }
    }

    /// A mapping that accepts only `keys`.
    package func section(keys: [String]) -> Section? {
        Section(self, keys: keys)
    }

    /// The single value that is written here; whether it was quoted matters for numbers.
    func scalar() -> (text: String, quoted: Bool)? {
        switch node.content {
        case .scalar(let text, let quoted):
            if node.isNull {
                mistake("\(subject) has no value")
                return nil
            }
            return (text, quoted)
        case .unreadable:
            return nil
        case .sequence, .mapping:
            mistake("\(subject) must be a single value, not \(node.kind)")
            return nil
        }
    }

    var subject: String { key == Self.wholeFile ? key : Self.quote(key) }
}
