// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Plant
import Settings
import Testing

@Suite struct EquipmentTests {
    private func machine(_ lines: String) throws -> Configuration.EquipmentDescription {
        let text = """
            connections: { plc: { tcp: 192.0.2.21 } }
            equipment:
              press:
            \(lines)
            """
        let (configuration, _) = try Configuration.read(
            text: text, file: "m.yaml", profilesBeside: Repository.executable)
        return configuration.equipment[0]
    }

    private static let drive = """
            devices:
              drive: { profile: abb/acs580, via: plc, unit: 1 }
        """

    @Test func `conditions of a profile are resolved to the equipment`() throws {
        let press = try machine(Self.drive)
        let hot = try #require(press.conditions.first { $0.condition == "drive-hot" })
        #expect(hot.signal == "drive/inverter-temperature")
        #expect(hot.component == "drive")
        #expect(hot.limits == ConditionRule.Limits(high: 94, criticalHigh: 100))
        #expect(hot.hysteresis == 3)
        #expect(hot.onDelay == .seconds(60))
        #expect(hot.gate == nil)
        #expect(hot.status == .offSpec)
    }

    @Test func `two devices of one model are told apart`() throws {
        let press = try machine(
            Self.drive + "\n      second: { profile: abb/acs580, via: plc, unit: 2 }")
        let hot = press.conditions.filter { $0.condition == "drive-hot" }
        #expect(hot.map(\.component) == ["drive", "second"])
    }

    @Test func `the component of a device is that of its conditions`() throws {
        let press = try machine(
            """
                devices:
                  drive: { profile: abb/acs580, via: plc, unit: 1, component: motor }
            """)
        #expect(Set(press.conditions.map(\.component)) == ["motor"])
    }

    @Test func `what the configuration says of a component counts more than the profile`() throws {
        let scratch = try Scratch()
        try scratch.file(
            "devices/example/drive/profile.yaml",
            """
            vendor: Example
            model: Drive
            source: none
            signals: { heat: { at: 2, table: holding, type: int16 } }
            health: [{ condition: hot, component: motor, signal: heat, limit-high: 90 }]
            """)
        let text = """
            connections: { plc: { tcp: 192.0.2.21 } }
            equipment:
              press:
                devices:
                  one: { profile: example/drive, via: plc, unit: 1 }
                  two: { profile: example/drive, via: plc, unit: 2, component: pump }
            """
        let (configuration, _) = try Configuration.read(
            text: text, file: "m.yaml", profilesBeside: scratch.path + "/bin/millpond")
        #expect(configuration.equipment[0].conditions.map(\.component) == ["motor", "pump"])
    }

    @Test func `a gate is resolved to its Boolean signal`() throws {
        let press = try machine(
            Self.drive + """

                    health:
                      - { condition: fast, signal: drive/speed, limit-high: 5, while: drive/running }
                """)
        let fast = try #require(press.conditions.last)
        #expect(fast.gate == "drive/status.running")
        #expect(fast.component == nil)
        #expect(fast.hysteresis == ConditionRule.Default.hysteresis)
        #expect(fast.onDelay == ConditionRule.Default.onDelay)
        #expect(fast.offDelay == ConditionRule.Default.offDelay)
        #expect(fast.status == ConditionRule.Default.status)
    }

    @Test func `a condition may watch what is derived`() throws {
        let machine = try machine(
            """
                devices:
                  meter: { profile: eastron/sdm630, via: plc, unit: 1 }
                health:
                  - { condition: uneven, signal: meter/voltage-unbalance, limit-high: 2 }
            """)
        #expect(machine.conditions.map(\.signal) == ["meter/voltage-unbalance"])
    }

    @Test func `the model changes with what describes the machine and with nothing else`() throws {
        let model = try machine(Self.drive).modelText
        #expect(try machine(Self.drive).modelText == model)
        let elsewhere = """
                devices:
                  drive: { profile: abb/acs580, via: plc, unit: 7 }
            """
        #expect(try machine(elsewhere).modelText == model)
        let others = [
            "    label: Press 1\n" + Self.drive,
            "    area: hall 2\n" + Self.drive,
            "    criticality: 0.5\n" + Self.drive,
            """
                devices:
                  motor: { profile: abb/acs580, via: plc, unit: 1 }
            """,
            """
                devices:
                  drive: { profile: eastron/sdm630, via: plc, unit: 1 }
            """,
            Self.drive + "\n    health: [{ condition: fast, signal: drive/speed, limit-high: 5 }]",
        ]
        let models = try others.map { try machine($0).modelText }
        #expect(Set(models + [model]).count == others.count + 1)
    }

    @Test(arguments: [
        ("192.0.2.21", Endpoint.tcp(host: "192.0.2.21", port: 502)),
        ("192.0.2.21:1502", .tcp(host: "192.0.2.21", port: 1502)),
        ("plc.local:502", .tcp(host: "plc.local", port: 502)),
        ("plc", .tcp(host: "plc", port: 502)),
        ("\"[2001:db8::21]\"", .tcp(host: "2001:db8::21", port: 502)),
        ("\"[2001:db8::21]:1502\"", .tcp(host: "2001:db8::21", port: 1502)),
        ("\"[fe80::1%eth0]:502\"", .tcp(host: "fe80::1%eth0", port: 502)),
    ])
    func `an address is a host and perhaps a port`(text: String, endpoint: Endpoint) throws {
        let text = """
            connections: { plc: { tcp: \(text) } }
            equipment: { p: { devices: { d: { profile: abb/acs580, via: plc, unit: 255 } } } }
            """
        let (configuration, _) = try Configuration.read(
            text: text, file: "m.yaml", profilesBeside: Repository.executable)
        #expect(configuration.connections[0].endpoint == endpoint)
    }

    @Test func `more connections than descriptors are refused`() {
        func text(_ count: Int) -> String {
            let lines = (1...count).map { "  c\($0): { tcp: 192.0.2.21:\($0) }\n" }.joined()
            return "connections:\n\(lines)equipment:\n  p:\n    devices:\n"
                + "      d: { profile: abb/acs580, via: c1, unit: 1 }\n"
        }
        func mistakes(_ count: Int) -> [String] {
            do throws(ConfigurationError) {
                _ = try Configuration.read(
                    text: text(count), file: "m.yaml", profilesBeside: Repository.executable)
                return []
            } catch {
                return error.mistakes.map(\.description)
            }
        }
        #expect(mistakes(850).isEmpty)
        #expect(
            mistakes(851) == [
                """
                m.yaml:1:1: 851 connections; one gateway serves 850: run another one beside it, as \
                the unit millpond@<name>, with a file, a gateway name, a buffer and a port of its own
                """
            ])
    }

    @Test func `a relative path is taken from the folder of the file`() throws {
        let text = """
            connections: { plc: { tcp: 192.0.2.21 } }
            equipment: { p: { devices: { d: { profile: abb/acs580, via: plc, unit: 1 } } } }
            buffer: { directory: pond }
            pull: { tokens: /run/tokens }
            """
        let (configuration, _) = try Configuration.read(
            text: text, file: "/srv/edge/m.yaml", profilesBeside: Repository.executable)
        #expect(configuration.buffer.directory == "/srv/edge/pond")
        #expect(configuration.pull.tokens == "/run/tokens")
    }
}
