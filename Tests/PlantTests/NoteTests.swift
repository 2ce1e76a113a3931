// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Plant
import Settings
import Testing

/// What is missing on this box, or only odd, is told and refuses nothing.
@Suite struct NoteTests {
    private static let machine =
        "equipment: { p: { devices: { d: { profile: abb/acs580, via: plc, unit: 1 } } } }"
    private static let plc = "connections: { plc: { tcp: 192.0.2.21 } }"

    @Test(arguments: [
        (
            "buffer: { directory: /nonexistent/buffer }",
            "3:22: note: /nonexistent/buffer is not on this box"
        ),
        ("buffer: { directory: /dev/null }", "3:22: note: /dev/null is no directory on this box"),
        (
            "pull: { tokens: /nonexistent/tokens }",
            "3:17: note: /nonexistent/tokens is not on this box"
        ),
        (
            "profiles: [/nonexistent/devices]",
            "3:12: note: /nonexistent/devices is not on this box"
        ),
    ])
    func `a file that is missing here is a note`(line: String, note: String) throws {
        #expect(try notes("\(Self.plc)\n\(Self.machine)\n\(line)\n").contains(note))
    }

    @Test func `beyond loopback with TLS and tokens only the files are noted`() throws {
        let text = """
            \(Self.plc)
            \(Self.machine)
            buffer: { directory: /tmp }
            pull:
              listen: "[::]:8470"
              tokens: /nonexistent/tokens
              tls: { certificate: /nonexistent/tls.pem, key: /dev/null }
            """
        #expect(
            try notes(text) == [
                "6:11: note: /nonexistent/tokens is not on this box",
                "7:23: note: /nonexistent/tls.pem is not on this box",
            ])
    }

    @Test(arguments: [
        "127.0.0.1:8470", "127.9.9.9", "localhost:0", "\"[::1]:8470\"", "\"[::1]\"",
    ])
    func `loopback needs neither`(listen: String) throws {
        let text = """
            \(Self.plc)
            \(Self.machine)
            buffer: { directory: /tmp }
            pull: { listen: \(listen) }
            """
        #expect(try notes(text).isEmpty)
    }

    @Test(arguments: [
        "192.0.2.1", "128.0.0.1", "0.0.0.0", "\"[::]\"", "\"[::2]\"", "\"[1::1]\"", "localhost.lan",
    ])
    func `anything else does`(listen: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try notes("\(Self.plc)\n\(Self.machine)\npull: { listen: \(listen) }\n")
        }
        #expect(error?.mistakes.map(\.place.line) == [3])
    }

    @Test func `an open network is served if the configuration insists`() throws {
        let text = """
            \(Self.plc)
            \(Self.machine)
            pull: { listen: "0.0.0.0:8470", insecure-lan: true }
            """
        let (configuration, _) = try Configuration.read(
            text: text, file: "m.yaml", profilesBeside: Repository.executable)
        #expect(configuration.pull.host == "0.0.0.0")
        #expect(configuration.pull.insecureLAN)
    }

    @Test func `odd connections and shared meters are noted`() throws {
        let text = """
            connections:
              plc: { tcp: 192.0.2.21 }
              same: { tcp: "192.0.2.21:502" }
              idle: { serial: /nonexistent/tty }
            buffer: { directory: /tmp }
            equipment:
              a: { devices: { d: { profile: abb/acs580, via: plc, unit: 1 } } }
              b:
                devices:
                  d: { profile: abb/acs580, via: plc, unit: 1 }
                  e: { profile: banner/qm42vt2, via: plc, unit: 1 }
            """
        #expect(
            try notes(text) == [
                "3:3: note: \"same\" leads to the same place as \"plc\" in line 2; "
                    + "many devices accept only one at a time",
                "3:3: note: no device uses the connection \"same\"",
                "4:3: note: no device uses the connection \"idle\"",
                "4:19: note: /nonexistent/tty is not on this box",
                "10:7: note: unit 1 on \"plc\" is already a/d in line 7; it is read twice",
            ])
    }

    private func notes(_ text: String) throws -> [String] {
        let (_, notes) = try Configuration.read(
            text: text, file: "m.yaml", profilesBeside: Repository.executable)
        return notes.map { String($0.description.dropFirst("m.yaml:".count)) }
    }
}
