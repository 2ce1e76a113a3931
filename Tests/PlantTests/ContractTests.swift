// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
@testable import Plant
import Settings
import Testing

/// The two examples of the contract, to the letter.
@Suite struct ContractTests {
    @Test func `the configuration of the contract is read`() throws {
        let (configuration, _) = try Configuration.read(
            text: Self.configuration, file: "m.yaml", profilesBeside: Repository.executable)
        #expect(configuration.gateway == "edge-07")
        #expect(configuration.site == "suzhou-2")
        #expect(
            configuration.connections == [
                Configuration.Connection(
                    name: "meters",
                    endpoint: .serial(
                        path: "/dev/serial/by-id/usb-FTDI_FT232R-if00-port0",
                        format: SerialFormat(
                            baud: 9600, dataBits: 8, parity: .even, stopBits: 1)),
                    timeout: .seconds(1)),
                Configuration.Connection(
                    name: "plc", endpoint: .tcp(host: "10.0.4.21", port: 502),
                    timeout: .seconds(1)),
                Configuration.Connection(
                    name: "dtu", endpoint: .rtuOverTCP(host: "10.0.4.30", port: 4001),
                    timeout: .seconds(1)),
            ])
        let press = try #require(configuration.equipment.first)
        #expect(press.id == "press-1")
        #expect(press.label == "Press 1")
        #expect(press.area == "press-shop/line-2")
        #expect(press.criticality == 0.8)
        #expect(press.devices.map(\.name) == ["drive", "meter", "gearbox"])
        #expect(press.devices.map(\.unit) == [1, 4, 11])
        #expect(press.devices.map(\.via) == ["plc", "meters", "meters"])
        #expect(press.devices.map(\.every) == [nil, .seconds(1), nil])
        #expect(press.devices.map(\.component) == [nil, nil, "gearbox"])
        #expect(
            configuration.buffer
                == Configuration.BufferSettings(
                    directory: "/var/lib/millpond", limit: 2 << 30, sealEvery: .seconds(10),
                    keepAcknowledged: .seconds(86_400), whenFull: .drop))
        #expect(
            configuration.pull
                == Configuration.PullSettings(
                    host: "127.0.0.1", port: 8470, tokens: "/etc/millpond/tokens",
                    tls: Configuration.TLS(
                        certificate: "/etc/millpond/tls.pem", key: "/etc/millpond/tls.key"),
                    insecureLAN: false))
    }

    @Test func `the profile of the contract is read`() throws {
        let profile = try Profile.read(
            text: Self.profile, file: "p.yaml", id: "example/drive-100")
        #expect(
            profile.signals.map(\.name) == ["speed", "power", "energy", "temperature", "status"])
        #expect(profile.maxRegisters == 60)
        #expect(profile.maxGap == 8)
        #expect(profile.requestGap == .milliseconds(10))
        #expect(profile.every == .seconds(1))
        #expect(profile.signals.map(\.every) == [nil, nil, .seconds(10), nil, nil])
        #expect(profile.signals[3].unavailable == [0x8000, 0x7FFF])
        #expect(profile.signals[4].bits == [0: "ready", 1: "running", 3: "fault"])
        #expect(profile.gates == ["running": "status.running"])
        #expect(
            profile.health == [
                ConditionRule(
                    condition: "winding-hot", component: "motor", signal: "temperature",
                    limits: ConditionRule.Limits(high: 120), hysteresis: 5,
                    onDelay: .seconds(60), offDelay: .seconds(60), gate: "running",
                    status: .offSpec, action: "Check cooling and load")
            ])
    }

    private static let configuration = """
        gateway: edge-07                  # default: the host name
        site: suzhou-2

        connections:
          meters:                         # a serial line: one wire, many units
            serial: /dev/serial/by-id/usb-FTDI_FT232R-if00-port0
            baud: 9600                    # default 19200
            format: 8E1                   # default 8E1
          plc:
            tcp: 10.0.4.21                # port 502 unless given, "host:port"; IPv6 in brackets
            timeout: 1s
          dtu:
            rtu-over-tcp: 10.0.4.30:4001

        equipment:
          press-1:
            label: Press 1
            area: press-shop/line-2
            criticality: 0.8
            devices:
              drive:     { profile: abb/acs580,     via: plc,    unit: 1 }
              meter:     { profile: eastron/sdm630, via: meters, unit: 4, every: 1s }
              gearbox:   { profile: banner/qm42vt2, via: meters, unit: 11, component: gearbox }
            health: []                    # conditions of this machine, added to those of its profiles

        profiles: [/etc/millpond/devices] # searched before those shipped (share/millpond/devices beside the binary's
                                          # prefix, else a devices/ folder above the binary, as in a build tree)

        buffer:
          directory: /var/lib/millpond
          limit: 2 GiB                    # bounds the database; the directory stays under limit + 64 MiB
          seal-every: 10s                 # what a power cut can cost; health transitions seal at once
          keep-acknowledged: 24h

        pull:
          listen: 127.0.0.1:8470          # beyond loopback only with TLS and tokens, or insecure-lan: true
          tokens: /etc/millpond/tokens
          tls: { certificate: /etc/millpond/tls.pem, key: /etc/millpond/tls.key }
        """

    private static let profile = """
        vendor: Example
        model: Drive 100
        kind: drive                       # free text
        source: Example Drive 100 register list, rev. B
        modbus:                           # defaults for the signals
          table: holding                  # coil | discrete | input | holding
          type: uint16                    # bool int16 uint16 int32 uint32 int64 uint64 float32 float64 bcd16 bcd32 mod10k string …
          order: ABCD                     # ABCD | CDAB | BADC | DCBA
          max-registers: 60
          max-gap: 8                      # registers read and thrown away rather than asking twice
          request-gap: 10ms
          every: 1s
        signals:
          speed:        { at: 2,  type: int16, unit: /min, role: speed, range: { min: -3600, max: 3600 } }
          power:        { at: 10, type: float32, unit: kW, role: active-power }
          energy:       { at: 12, type: uint32, scale: 0.1, unit: kW.h, role: active-energy, every: 10s }
          temperature:  { at: 9,  type: int16, scale: 0.1, offset: 0, unit: Cel, role: winding-temperature, unavailable: [0x8000, 0x7FFF] }
          status:       { at: 3,  bits: { 0: ready, 1: running, 3: fault } }
        gates:
          running: status.running
        health:                           # default conditions that this model brings; data, not code
          - condition: winding-hot
            signal: temperature
            component: motor              # optional, as are hysteresis, delays, while, action
            limit-high: 120               # in the signal's unit; limit-low, critical-high, critical-low likewise
            hysteresis: 5
            on-delay: 60s
            off-delay: 60s
            while: running                # a gate by name; omitted: always
            status: off-spec              # the NE 107 status while it is active
            action: Check cooling and load
        """
}
