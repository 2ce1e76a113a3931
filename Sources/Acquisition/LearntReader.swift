// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Modbus
internal import Settings

extension LearntFile {
    private enum Key {
        static let root = ["version", "devices"]
        static let device = ["equipment", "device", "connection", "unit", "profile", "facts"]
        static let fact = [
            "table", "value", "count", "across", "more-than", "exception", "silent", "since",
        ]
    }

    /// Why a file cannot be used, in one sentence.
    struct Unreadable: Error {
        let mistake: String
    }

    /// What the file says; nothing if there is none.
    func read() throws(Unreadable) -> [Entry] {
        guard isThere else { return [] }
        let findings = Findings(file: path)
        let entries = Document.read(into: findings).map { Self.entries($0.root, findings) }
        if let mistake = findings.mistakes.first {
            throw Unreadable(mistake: mistake.description)
        }
        return entries ?? []
    }

    private static func entries(_ root: Node, _ findings: Findings) -> [Entry] {
        guard let section = Section(root: root, keys: Key.root, findings: findings) else {
            return []
        }
        _ = section.required("version")?.whole(in: 1...1)
        return (section.required("devices")?.items() ?? []).compactMap(entry)
    }

    private static func entry(_ field: Field) -> Entry? {
        guard let section = field.section(keys: Key.device),
            let equipment = section.required("equipment")?.text(),
            let device = section.required("device")?.text(),
            let connection = section.required("connection")?.text(),
            let unit = section.required("unit")?.whole(in: 0...255),
            let profile = section.required("profile")?.text(),
            let facts = section.required("facts")?.items()
        else { return nil }
        return Entry(
            device: DeviceName(equipment: equipment, device: device), connection: connection,
            unit: UInt8(unit), profile: profile, facts: facts.compactMap(fact))
    }

    private static func fact(_ field: Field) -> LearntFact? {
        guard let section = field.section(keys: Key.fact),
            let table = section.required("table")?.choice(of: Table.allCases),
            let since = section.required("since"), let time = since.text(),
            let matter = matter(section), let refusal = refusal(section)
        else { return nil }
        guard let stamp = Timestamp(rfc3339: time) else {
            since.mistake("this is no time")
            return nil
        }
        return LearntFact(table: table, matter: matter, refusal: refusal, since: stamp)
    }

    private static func matter(_ section: Section) -> LearntFact.Matter? {
        if let start = section["value"] {
            guard let start = start.whole(in: 0...65_535),
                let count = section.required("count")?.whole(in: 1...65_536 - start)
            else { return nil }
            return .value(start..<start + count)
        }
        if let across = section["across"] {
            return across.whole(in: 1...65_535).map { .across($0) }
        }
        return section.required("more-than")?.whole(in: 1...2000).map { .more(than: $0) }
    }

    private static func refusal(_ section: Section) -> LearntFact.Refusal? {
        if let silent = section["silent"] { return silent.flag().map { _ in .silence } }
        return section.required("exception")?.whole(in: 0...255).map { .exception(UInt8($0)) }
    }
}
