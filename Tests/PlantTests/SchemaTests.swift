// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Plant
import Settings
import Testing

/// The schemas for editors know what the readers know. A JSON text is a YAML text, so our own reader
/// reads them; that they hold as schemas is checked in Python.
@Suite struct SchemaTests {
    @Test(arguments: [
        ("config/millpond.schema.json", Configuration.keys),
        ("devices/profile.schema.json", Profile.keys),
        ("devices/capture.schema.json", Capture.keys),
    ])
    func `a schema has exactly the keys that its reader accepts`(
        path: String, keys: [String: [String]]
    ) throws {
        let found = try Schema(path).keys()
        #expect(Set(found.keys) == Set(keys.keys))
        for (place, accepted) in keys {
            #expect(found[place] == Set(accepted), "\(place)")
        }
    }

    @Test func `the schema of profiles has the words of the code`() throws {
        let signal = try Schema("devices/profile.schema.json")
            .node("properties", "signals", "patternProperties", Schema.name, "properties")
        #expect(signal["role"]?["enum"]?.texts == Role.allCases.map(\.rawValue))
        #expect(
            signal["type"]?["enum"]?.texts == RegisterLayout.Encoding.allCases.map(\.rawValue))
        #expect(signal["order"]?["enum"]?.texts == RegisterLayout.Order.allCases.map(\.rawValue))
        #expect(
            Set(signal["table"]?["enum"]?.texts ?? []) == Set(Table.allCases.map(\.rawValue)))
    }

    @Test func `the schema of the configuration has the defaults of the code`() throws {
        let schema = try Schema("config/millpond.schema.json")
        typealias Default = Configuration.Default
        let buffer = try schema.node("properties", "buffer", "properties")
        #expect(buffer["directory"]?["default"]?.text == Default.directory)
        #expect(buffer["limit"]?["default"]?.text == ByteSize.text(Default.limit))
        #expect(buffer["seal-every"]?["default"]?.text == Default.sealEvery.setting)
        #expect(buffer["keep-acknowledged"]?["default"]?.text == Default.keepAcknowledged.setting)
        let pull = try schema.node("properties", "pull", "properties")
        #expect(pull["listen"]?["default"]?.text == "\(Default.host):\(Default.listenPort)")
        #expect(pull["insecure-lan"]?["default"]?.text == "\(Default.insecureLAN)")
        let connection = try schema.node(
            "properties", "connections", "patternProperties", Schema.name, "properties")
        #expect(connection["baud"]?["default"]?.text == "\(Default.serial.baud)")
        #expect(connection["baud"]?["enum"]?.texts == Configuration.Bound.bauds.map { "\($0)" })
        #expect(connection["timeout"]?["default"]?.text == Default.timeout.setting)
        #expect(
            try schema.node("properties", "profiles")["default"]?.texts == Default.profiles)
    }
}

/// A JSON Schema as a tree.
private struct Schema {
    struct Missing: Error {}

    static let name = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
    let root: Node

    init(_ path: String) throws {
        let findings = Findings(file: path)
        root = try #require(Document.parse(Repository.text(of: path), into: findings))
        #expect(findings.mistakes.isEmpty)
    }

    func node(_ path: String...) throws -> Node {
        try path.reduce(root) { node, key in try #require(node[key], "\(key)") }
    }

    /// Where properties are listed → their names; `*` stands for a name of the user's.
    func keys() -> [String: Set<String>] {
        var found: [String: Set<String>] = [:]
        collect(root, at: [], into: &found)
        return found
    }

    private func collect(_ node: Node, at place: [String], into found: inout [String: Set<String>])
    {
        for (name, value) in node["properties"]?.entries ?? [] {
            found[place.joined(separator: "."), default: []].insert(name)
            collect(value, at: place + [name], into: &found)
        }
        for (_, value) in node["patternProperties"]?.entries ?? [] {
            collect(value, at: place + ["*"], into: &found)
        }
        if let items = node["items"] { collect(items, at: place, into: &found) }
        for choice in node["anyOf"]?.items ?? [] { collect(choice, at: place, into: &found) }
    }
}

extension Node {
    fileprivate subscript(_ key: String) -> Node? {
        entries.first { $0.0 == key }?.1
    }

    fileprivate var entries: [(String, Node)] {
        guard case .mapping(let entries) = content else { return [] }
        return entries.map { ($0.key, $0.value) }
    }

    fileprivate var items: [Node] {
        guard case .sequence(let items) = content else { return [] }
        return items
    }

    fileprivate var text: String? {
        guard case .scalar(let text, _) = content else { return nil }
        return text
    }

    fileprivate var texts: [String] { items.compactMap(\.text) }
}
