// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A mapping whose keys are known beforehand; any other key is a mistake.
package struct Section {
    /// Where it is named, or where it begins.
    package let place: Place
    /// Where its mistakes go.
    package let findings: Findings
    private let keys: [String]
    private let fields: [String: Field]
    /// Keys that some unknown key is a slip of: told once, they are not told missing as well.
    private let misspelt: Set<String>

    /// The whole document; `nil`, reported, if it is no mapping.
    package init?(root: Node, keys: [String], findings: Findings) {
        self.init(
            Field(key: Field.wholeFile, keyPlace: root.place, node: root, findings: findings),
            keys: keys)
    }

    /// `nil`, reported, if the field is no mapping; an empty one may be left unwritten.
    init?(_ field: Field, keys: [String]) {
        guard let entries = field.entries() else { return nil }
        self.place = field.keyPlace
        self.findings = field.findings
        self.keys = keys
        var fields: [String: Field] = [:]
        var misspelt: Set<String> = []
        for entry in entries {
            guard !keys.contains(entry.key) else {
                fields[entry.key] = entry
                continue
            }
            let meant = Suggestion.nearest(to: entry.key, among: keys)
            findings.mistake(
                at: entry.keyPlace, "unknown key \(Field.quote(entry.key))", suggestion: meant)
            if let meant { misspelt.insert(meant) }
        }
        self.fields = fields
        self.misspelt = misspelt
    }

    /// The value of a key, if it is written.
    package subscript(_ key: String) -> Field? {
        precondition(keys.contains(key), "a section reads only keys that it accepts")
        return fields[key]
    }

    /// The value of a key; a mistake if it is not written.
    package func required(_ key: String) -> Field? {
        if let field = self[key] { return field }
        if !misspelt.contains(key) { findings.mistake(at: place, "\"\(key)\" is missing") }
        return nil
    }

    /// Whether a key is not written, but for an unknown one that may be a slip of it.
    package func isMisspelt(_ key: String) -> Bool { misspelt.contains(key) }

    /// The values of those keys that are written; `message` is reported if none is.
    package func oneOrMore(of keys: [String], _ message: String) -> [Field] {
        let written = keys.compactMap { self[$0] }
        if written.isEmpty, misspelt.isDisjoint(with: keys) {
            findings.mistake(at: place, message)
        }
        return written
    }

    /// What `read` makes of a key's value, or `standard` if it is not written; `nil` after a
    /// mistake.
    package func value<Value>(
        _ key: String, or standard: Value, _ read: (Field) -> Value?
    ) -> Value? {
        guard let field = self[key] else { return standard }
        return read(field)
    }
}
