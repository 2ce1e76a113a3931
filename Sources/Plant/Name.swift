// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Settings

/// Names that the user gives: parts of signal names, of addresses of the API and of log lines.
///
/// Letters of either case, because plants have their tags already; no dot and no slash, because
/// those join names (`<device>/<signal>.<bit>`).
package enum Name {
    /// Longer names spoil every table they stand in.
    package static let limit = 64
    static let rule = "letters, digits, - and _, beginning with a letter or digit, at most 64"

    /// Whether `text` can name a connection, an equipment, a device, a signal and so on.
    package static func isValid(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= limit else { return false }
        return isAlphanumeric(first)
            && text.utf8.allSatisfy { isAlphanumeric($0) || "-_".utf8.contains($0) }
    }

    /// A gateway may be named as a host is, with dots.
    static func isGateway(_ text: String) -> Bool {
        text.utf8.count <= limit
            && text.split(separator: ".", omittingEmptySubsequences: false)
                .allSatisfy { isValid($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// A name near to what was written: other characters become dashes.
    static func repaired(_ text: String) -> String? {
        var name = ""
        for byte in text.utf8.prefix(limit) {
            if isAlphanumeric(byte) || byte == UInt8(ascii: "_") {
                name.unicodeScalars.append(Unicode.Scalar(byte))
            } else if !name.isEmpty, name.last != "-" {
                name += "-"
            }
        }
        while name.last == "-" { name.removeLast() }
        while name.first == "_" { name.removeFirst() }
        return isValid(name) ? name : nil
    }
}

extension Field {
    /// The key as a name that the user gave.
    func namedKey() -> String? {
        guard Name.isValid(key) else {
            findings.mistake(
                at: keyPlace, "\(Field.quote(key)) is no name: \(Name.rule)",
                suggestion: Name.repaired(key))
            return nil
        }
        return key
    }

    /// The value as a name that the user gave or refers to.
    func name() -> String? {
        guard let text = text() else { return nil }
        guard Name.isValid(text) else {
            mistake(
                "\(Field.quote(text)) is no name: \(Name.rule)", suggestion: Name.repaired(text))
            return nil
        }
        return text
    }

    func gatewayName() -> String? {
        guard let text = text() else { return nil }
        guard Name.isGateway(text) else {
            mistake(
                "\(Field.quote(text)) is no name of a gateway: \(Name.rule), or such parts with dots",
                suggestion: Name.repaired(text))
            return nil
        }
        return text
    }

    /// `<vendor>/<model>`.
    func profileID() -> String? {
        guard let text = text() else { return nil }
        guard ProfileLibrary.isID(text) else {
            mistake("\(Field.quote(text)) is no profile: write <vendor>/<model>, as abb/acs580")
            return nil
        }
        return text
    }
}
