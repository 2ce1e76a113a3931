// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A strong entity tag (RFC 9110, §8.8.3).
struct EntityTag: Equatable, Sendable, CustomStringConvertible {
    /// Without the quotes.
    let opaque: String

    var description: String { "\"\(opaque)\"" }

    /// Whether a list such as that of `If-None-Match` names it, weakly or not (§13.1.2).
    func isNamed(in list: String) -> Bool {
        Self.elements(list).contains { $0 == "*" || $0 == description || $0 == "W/\(description)" }
    }

    /// Whether a list such as that of `If-Match` names it strongly (§13.1.1).
    func isStronglyNamed(in list: String) -> Bool {
        Self.elements(list).contains { $0 == "*" || $0 == description }
    }

    /// Whether every element is an entity tag, or `*`; a bare word is neither, and says nothing.
    static func isList(_ list: String) -> Bool {
        elements(list).allSatisfy { element in
            let tag = element.hasPrefix("W/") ? element.dropFirst(2) : element[...]
            return element == "*" || tag.count >= 2 && tag.hasPrefix("\"") && tag.hasSuffix("\"")
        }
    }

    /// Our tags hold neither commas nor blanks, so cutting at these finds them if they are there.
    private static func elements(_ list: String) -> [String] {
        list.split(separator: ",").prefix(Limits.listElements).map {
            $0.filter { !$0.isWhitespace }
        }
    }
}
