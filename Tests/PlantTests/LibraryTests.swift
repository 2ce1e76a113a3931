// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Plant
import Settings
import Testing

@Suite struct LibraryTests {
    private static let profile = """
        vendor: Example
        model: Drive
        source: none
        signals: { speed: { at: 2, table: holding, type: uint16 } }
        """

    @Test func `an installed binary finds its profiles under its prefix`() throws {
        let scratch = try Scratch()
        try scratch.file("usr/share/millpond/devices/example/drive/profile.yaml", Self.profile)
        try scratch.file("devices/example/other/profile.yaml", Self.profile)
        let shipped = ProfileLibrary.shipped(beside: scratch.path + "/usr/bin/millpond")
        #expect(shipped == scratch.path + "/usr/share/millpond/devices")
    }

    @Test func `a built binary finds them above itself`() throws {
        let scratch = try Scratch()
        try scratch.file("devices/example/drive/profile.yaml", Self.profile)
        let binary = scratch.path + "/.build/x86_64-unknown-linux-gnu/debug/millpond"
        #expect(ProfileLibrary.shipped(beside: binary) == scratch.path + "/devices")
    }

    @Test func `without a configuration the usual folder comes first`() {
        let library = ProfileLibrary.standard(beside: Repository.executable)
        #expect(library.directories == ["/etc/millpond/devices", Repository.devices])
    }

    @Test func `a file of that name is no folder of profiles`() throws {
        let scratch = try Scratch()
        try scratch.file("a/devices", "")
        #expect(ProfileLibrary.shipped(beside: scratch.path + "/a/millpond") == nil)
    }

    @Test func `a binary without a folder has none`() {
        #expect(ProfileLibrary.shipped(beside: "/nonexistent/bin/millpond") == nil)
        #expect(ProfileLibrary.shipped(beside: "/") == nil)
    }

    @Test func `the first folder that has a profile wins`() throws {
        let scratch = try Scratch()
        try scratch.file("one/example/drive/profile.yaml", Self.profile)
        try scratch.file("two/example/drive/profile.yaml", Self.profile)
        try scratch.file("two/example/fan/profile.yaml", Self.profile)
        try scratch.file("two/example/.hidden/profile.yaml", Self.profile)
        try scratch.file("two/example/empty/capture.yaml", "")
        let library = ProfileLibrary(
            directories: ["/nonexistent", scratch.path + "/one", scratch.path + "/two/"])
        #expect(
            library.file(of: "example/drive")
                == scratch.path + "/one/example/drive/profile.yaml")
        #expect(
            library.file(of: "example/fan") == scratch.path + "/two/example/fan/profile.yaml")
        #expect(library.file(of: "example/pump") == nil)
        #expect(library.ids() == ["example/drive", "example/fan"])
        #expect(library.capture(of: "example/fan") == nil)
        #expect(library.capture(of: "example/empty") == nil)
    }

    @Test func `the mistakes of a profile come once, after those of the configuration`() throws {
        let scratch = try Scratch()
        let profile = try scratch.file(
            "own/example/drive/profile.yaml", Self.profile + "\nvender: Example\n")
        let file = try scratch.file(
            "millpond.yaml",
            """
            profiles: [own]
            connections: { plc: { tcp: 192.0.2.21 } }
            equipment:
              press:
                devices:
                  one: { profile: example/drive, via: plc, unit: 1 }
                  two: { profile: example/drive, via: plc, unit: 300 }
                health: [{ condition: fast, signal: one/speed, limit-high: 5, while: two/on }]
            """)
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.read(file: file, profilesBeside: "/nonexistent/millpond")
        }
        #expect(
            error?.mistakes.map(\.description) == [
                "\(file):7:54: \"unit\" must be 0 to 255, not 300",
                "\(profile):5:1: unknown key \"vender\" (did you mean \"vendor\"?)",
            ])
    }

    @Test func `a profile that cannot be read is a mistake of its own file`() throws {
        let scratch = try Scratch()
        let profile = scratch.path + "/own/example/drive/profile.yaml"
        try scratch.file("own/example/drive/profile.yaml/x", "")
        let file = try scratch.file(
            "millpond.yaml",
            """
            profiles: [own]
            connections: { plc: { tcp: 192.0.2.21 } }
            equipment: { p: { devices: { d: { profile: example/drive, via: plc, unit: 1 } } } }
            """)
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.read(file: file, profilesBeside: "/nonexistent/millpond")
        }
        #expect(
            error?.mistakes.map(\.description) == ["\(profile):1:1: is a directory, not a file"])
    }
}
