// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

private func file(_ text: String, at path: String = "Sources/Modbus/Line.swift") -> TextFile {
    TextFile(path: path, text: text)
}

/// Each rule finds what it is for, and leaves alone what only looks like it.
@Suite struct `A rule` {
    @Test func `counts lines`() {
        #expect(findTooLong(file(String(repeating: "x\n", count: longestFile))).isEmpty)
        #expect(findTooLong(file(String(repeating: "x\n", count: longestFile + 1))).count == 1)
    }

    @Test func `misses a header`() {
        let header = """
            // SPDX-FileCopyrightText: 2026 The Millpond authors
            // SPDX-License-Identifier: Apache-2.0
            """
        #expect(findMissingHeader(file(header)).isEmpty)
        #expect(findMissingHeader(file("#!/bin/sh\n" + header)).isEmpty)
        #expect(findMissingHeader(file("import Testing\n")).count == 1)
    }

    @Test(arguments: [
        ("struct LineManager {}", 1), ("final class HTTPBase {}", 1), ("enum Infos {}", 0),
        ("struct Baseline {}", 0), ("// struct LineManager", 0), ("let managerCount = 1", 0),
    ])
    func `knows empty names`(text: String, count: Int) {
        #expect(findEmptyNames(file(text)).count == count)
    }

    @Test func `knows empty file names`() {
        #expect(findEmptyNames(file("", at: "Sources/Modbus/StringUtils.swift")).count == 1)
        #expect(findEmptyNames(file("", at: "Sources/Modbus/Database.swift")).isEmpty)
    }

    @Test(arguments: [
        ("let a = try! b()", ["try!"]), ("let a = b as! C", ["as!"]),
        ("fatalError()", ["fatalError"]),
        ("final class A: @unchecked Sendable {}", ["@unchecked Sendable"]),
        ("nonisolated(unsafe) var a = 1", ["nonisolated(unsafe)"]),
        ("DispatchQueue.main.async {}", ["DispatchQueue"]),
        ("Task { await a() }", ["unstructured Task"]),
        ("Task.detached(priority: .low) { await a() }", ["unstructured Task"]),
        ("let now = Date()", ["the wall clock by Date"]),
        ("internal import Foundation", ["import Foundation"]),
        ("public struct A {}", ["public"]), ("// TO" + "DO: later", ["unfinished"]),
        ("import FoundationEssentials", []), ("// try! this", []),
        ("let a = \"try! as! public\"", []), ("try? a() // lossless", []),
    ])
    func `knows banned constructs`(text: String, found: [String]) {
        let names = findConstructs(file(text), exceptions: []).map { $0.split(separator: ": ")[1] }
        #expect(names.map(String.init) == found)
    }

    @Test func `honours an exception and tires of a stale one`() {
        let racy = file("final class A: @unchecked Sendable {}")
        let exception = ProvenException(
            path: racy.path, construct: "@unchecked Sendable", proof: "a lock")
        #expect(findConstructs(racy, exceptions: [exception]).isEmpty)
        #expect(findStale([exception], in: [racy]).isEmpty)
        #expect(findStale([exception], in: [file("struct A {}")]).count == 1)
        #expect(findStale([exception], in: []).count == 1)
    }

    @Test(arguments: [
        ("package struct A {}", 1), ("/// An A.\npackage struct A {}", 0),
        ("/// An A.\n@frozen\npackage struct A {}", 0), ("    package static func a() {}", 1),
        ("package func `a b`() {}", 1), ("package mutating func a() {}", 1),
        ("package static func < (a: A, b: A) -> Bool { true }", 0), ("package let a = 1", 0),
        ("package import Modbus", 0), ("struct A {}", 0), ("package enum B {\n}", 1),
        ("package init(a: Int) {\n    self.a = a\n}\n", 0),
        ("package init(a: Int) {\n    precondition(a > 0)\n    self.a = a\n}\n", 0),
        ("extension A: B {\n    package func b() {}\n}", 0),
        ("extension A {\n    package func b() {}\n}", 1),
        ("extension A where B: C {\n    package func b() {}\n}", 1),
        ("package init(a: Int) throws {\n    guard a > 0 else { throw B() }\n}\n", 1),
    ])
    func `misses comments on package declarations`(text: String, count: Int) {
        #expect(findUndocumented(file(text)).count == count)
    }

    @Test func `sees a buffer without books`() {
        let path = "Tests/BufferTests/SomeTests.swift"
        let buffer = "let buffer = try BatchBuffer(settings)"
        #expect(findUnaudited(file(buffer, at: path)).count == 1)
        #expect(findUnaudited(file("let scratch = try Scratch()\n" + buffer, at: path)).isEmpty)
        #expect(findUnaudited(file("Books.atEnd { await a() }\n" + buffer, at: path)).isEmpty)
        #expect(findUnaudited(file(buffer, at: "Sources/Millpond/Services.swift")).isEmpty)
    }

    @Test func `knows a machine's paths`() {
        let path = ["", "home", "builder", "x"].joined(separator: "/")
        #expect(findMachinePaths(file("see \(path)")).count == 1)
        #expect(findMachinePaths(file("see /var/lib/millpond")).isEmpty)
    }

    @Test func `reads code without comments and strings`() {
        let text = "a /* b /* c */ d\n e */ f // g\nlet h = \"i \\\" j\" k\n\"\"\"\nl\n\"\"\"\nm"
        let bare = codeLines(of: text).map { $0.filter { !$0.isWhitespace } }
        #expect(bare == ["a", "f", "leth=\"\"k", "\"\"\"", "", "\"\"\"", "m"])
    }
}

/// The arrows are read alike from the manifest, the sources and the map.
@Suite struct `Arrows are` {
    private let manifest = Arrows(
        manifest: """
            debian("CModbus", pkgConfig: "libmodbus", package: "libmodbus-dev"),
            library("Modbus", ["CModbus"]),
            library(
                "Delivery",
                ["Modbus", .product(name: "Buffer", package: "swift-buffer")]),
            .executableTarget(
                name: "Millpond", dependencies: ["Delivery"], swiftSettings: strict),
            tests("ModbusTests", ["Modbus"]),
            """)

    @Test func `read from a manifest`() {
        #expect(manifest.cTargets == ["CModbus"])
        #expect(
            manifest.imports == [
                "Modbus": ["CModbus"], "Delivery": ["Modbus"], "Millpond": ["Delivery"],
            ])
    }

    @Test func `read from sources`() {
        let arrows = Arrows(
            sources: [
                file("internal import CModbus\nimport Glibc\n"),
                file("package import struct Modbus.Line", at: "Sources/Delivery/API.swift"),
                file("import Modbus // and more", at: "Sources/Millpond/Main.swift"),
            ], among: ["CModbus", "Modbus", "Delivery", "Millpond"])
        #expect(arrows.differences(from: manifest) == ["Millpond: Modbus against Delivery"])
    }

    @Test func `read from a map`() {
        let map = """
            | target | what it is | imports |
            |---|---|---|
            | `Modbus` | speaks it | `CModbus` |
            | `Delivery` | the API, `curl` reads it | `Modbus` |
            """
        #expect(
            Arrows(map: map).differences(from: manifest) == ["Millpond: absent against Delivery"])
    }
}
