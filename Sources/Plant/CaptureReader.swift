// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Settings

extension Capture {
    /// The keys that each part of a capture accepts; `*` stands for a name of the author's.
    package static let keys: [String: [String]] = [
        "": Key.root, "cases": Key.case, "cases.registers": Table.allCases.map(\.rawValue),
        "cases.values.*": Key.bad,
    ]

    enum Key {
        static let root = ["source", "cases"]
        static let `case` = ["name", "registers", "values"]
        static let bad = ["bad"]
    }

    /// Reads the capture of `profile` from `file`; throws with all its mistakes.
    package static func read(file: String, of profile: Profile) throws(ProfileError) -> Capture {
        let findings = Findings(file: file)
        guard let root = Document.read(into: findings)?.root,
            let capture = Capture(root, profile, findings)
        else { throw ProfileError(mistakes: findings.mistakes) }
        return capture
    }

    /// Reads a capture that is not in a file; mistakes name it `file`.
    package static func read(
        text: String, file: String, of profile: Profile
    ) throws(ProfileError) -> Capture {
        let findings = Findings(file: file)
        guard let root = Document.parse(text, into: findings),
            let capture = Capture(root, profile, findings)
        else { throw ProfileError(mistakes: findings.mistakes) }
        return capture
    }

    private init?(_ root: Node, _ profile: Profile, _ findings: Findings) {
        guard let section = Section(root: root, keys: Key.root, findings: findings) else {
            return nil
        }
        _ = section.required("source")?.text()
        let reader = CaptureReader(profile)
        let cases = section.required("cases")?.items()
        if let cases, cases.isEmpty {
            section["cases"]?.mistake("there is no case")
        }
        self.cases = (cases ?? []).compactMap { reader.readCase($0) }
        guard findings.isClean else { return nil }
    }
}

/// Reads the cases of one profile's capture, and holds them against the profile.
private struct CaptureReader {
    /// What a name needs of a case, and what its values are.
    private struct Named {
        var registers: [ProfileSignal]
        var kind: RegisterLayout.Encoding.Kind
    }

    private var signals: [String: Named] = [:]

    init(_ profile: Profile) {
        for signal in profile.signals {
            for name in signal.names {
                let isBit = name != signal.name
                signals[name] = Named(
                    registers: [signal], kind: isBit ? .boolean : signal.layout.encoding.kind)
            }
        }
        for derived in profile.derived {
            let sources = profile.sources(of: derived.name)
            signals[derived.name] = Named(
                registers: profile.signals.filter { sources.contains($0.name) }, kind: .number)
        }
    }

    func readCase(_ field: Field) -> Capture.Case? {
        guard let section = field.section(keys: Capture.Key.case) else { return nil }
        let name = section.required("name")?.text()
        let words = section.required("registers").map { readTables($0) } ?? [:]
        let values = section.required("values")?.entries()
        if let values, values.isEmpty { section["values"]?.mistake("there is no value") }
        let expected = (values ?? []).compactMap { readExpectation($0, words) }
        guard let name else { return nil }
        return Capture.Case(name: name, words: words, expected: expected)
    }

    private func readTables(_ field: Field) -> [Table: [UInt16: UInt16]] {
        guard let section = field.section(keys: Table.allCases.map(\.rawValue)) else { return [:] }
        var tables: [Table: [UInt16: UInt16]] = [:]
        for table in Table.allCases {
            guard let field = section[table.rawValue] else { continue }
            tables[table] = readRuns(field, highest: table.holdsBits ? 1 : 0xFFFF)
        }
        return tables
    }

    /// `{ 5200: [10, 0x8000], … }`: the words from an address on.
    private func readRuns(_ field: Field, highest: Int) -> [UInt16: UInt16] {
        var words: [UInt16: UInt16] = [:]
        for run in field.entries() ?? [] {
            guard let start = UInt16(run.key) else {
                field.findings.mistake(
                    at: run.keyPlace, "an address is 0 to 65535, not \(Field.quote(run.key))")
                continue
            }
            for (offset, item) in (run.items() ?? []).enumerated() {
                guard let word = item.whole(in: 0...highest) else { continue }
                guard let address = UInt16(exactly: Int(start) + offset) else {
                    item.mistake("this word lies beyond address 65535")
                    break
                }
                if words.updateValue(UInt16(word), forKey: address) != nil {
                    item.mistake("address \(address) is given twice")
                }
            }
        }
        return words
    }

    private func readExpectation(
        _ field: Field, _ words: [Table: [UInt16: UInt16]]
    ) -> Capture.Expectation? {
        guard let named = signals[field.key] else {
            field.findings.mistake(
                at: field.keyPlace, "the profile has no signal \(Field.quote(field.key))",
                suggestion: Suggestion.nearest(to: field.key, among: signals.keys.sorted()))
            return nil
        }
        for signal in named.registers {
            let held = words[signal.table] ?? [:]
            guard let missing = signal.sources.first(where: { held[UInt16($0)] == nil }) else {
                continue
            }
            field.findings.mistake(
                at: field.keyPlace,
                "\(Field.quote(field.key)) needs address \(missing) of the table "
                    + "\"\(signal.table.rawValue)\", which this case does not give")
            break
        }
        guard let content = field.expectation(named.kind) else { return nil }
        return Capture.Expectation(signal: field.key, content: content)
    }
}

extension Field {
    /// A value as the encoding gives it, or `{ bad: reason }`.
    fileprivate func expectation(_ kind: RegisterLayout.Encoding.Kind) -> Capture.Content? {
        if case .mapping = node.content {
            guard let reason = section(keys: Capture.Key.bad)?.required("bad"),
                let word = reason.choice(of: DeviceReason.allCases)
            else { return nil }
            return .bad(word.reason)
        }
        switch kind {
        case .boolean: return flag().map { .good(.boolean($0)) }
        case .text: return capturedText().map { .good(.text($0)) }
        case .number: return exactNumber().map { .good($0) }
        }
    }

    /// A whole number stays exact where a `Double` could not hold it.
    private func exactNumber() -> Value? {
        if case .scalar(let text, quoted: false) = node.content {
            if let whole = Int64(text) { return Value(exactly: whole) }
            if let whole = UInt64(text) { return Value(exactly: whole) }
        }
        return number().map { .number($0) }
    }

    /// A text; an empty one is what a device may well hold.
    private func capturedText() -> String? {
        if case .scalar("", quoted: true) = node.content { return "" }
        return text()
    }
}

/// The reasons that a device's own words can cause.
private enum DeviceReason: String, CaseIterable {
    case notAvailable = "not-available"
    case outOfRange = "out-of-range"

    var reason: Reason {
        switch self {
        case .notAvailable: .notAvailable
        case .outOfRange: .outOfRange
        }
    }
}
