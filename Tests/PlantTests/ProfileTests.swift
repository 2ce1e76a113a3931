// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Settings
import Testing

@testable import Plant

@Suite struct ProfileTests {
    private func signal(_ text: String, modbus: String = "table: holding, type: uint16") throws
        -> ProfileSignal
    {
        let profile = try Profile.read(
            text: """
                vendor: Example
                model: Drive
                source: none
                modbus: { \(modbus) }
                signals: { it: { at: 7, \(text) } }
                """, file: "p.yaml", id: "example/drive")
        return profile.signals[0]
    }

    @Test func `everything that a signal can say is kept`() throws {
        let signal = try signal(
            """
            table: input, type: int32, order: DCBA, scale: 0.5, offset: -3, unit: Cel, \
            role: winding-temperature, range: { min: -40, max: 200 }, unavailable: [0x80000000, 5], \
            every: 3s, deadband: 0.25, bits: { 31: sign, 0: least }
            """)
        #expect(signal.name == "it")
        #expect(signal.table == .input)
        #expect(signal.address == 7)
        #expect(signal.layout == RegisterLayout(encoding: .int32, order: .dcba, width: 2))
        #expect(signal.scale == 0.5)
        #expect(signal.offset == -3)
        #expect(signal.unit == "Cel")
        #expect(signal.role == .windingTemperature)
        #expect(signal.range == -40...200)
        #expect(signal.unavailable == [0x8000_0000, 5])
        #expect(signal.every == .seconds(3))
        #expect(signal.publishing.deadband == 0.25)
        #expect(signal.bits == [31: "sign", 0: "least"])
        #expect(signal.names == ["it", "it.least", "it.sign"])
    }

    @Test func `everything that an identity can say is kept`() throws {
        let profile = try Profile.read(
            text: """
                vendor: Example
                model: Drive
                source: none
                modbus: { table: holding, type: uint16 }
                identity:
                  vendor: Example Ltd
                  product: Drive 100
                  server-id: EXD
                  registers:
                    - { at: 0xFC02, is: 0x70 }
                    - { at: 40000, table: input, type: string, registers: 2, is: SunS }
                    - { at: 3, type: int32, order: CDAB, is: -5 }
                signals: { it: { at: 7 } }
                """, file: "p.yaml", id: "example/drive")
        let identity = try #require(profile.identity)
        #expect(identity.vendor == "Example Ltd")
        #expect(identity.product == "Drive 100")
        #expect(identity.serverID == "EXD")
        #expect(identity.registers.map(\.address) == [0xFC02, 40_000, 3])
        #expect(identity.registers.map(\.table) == [.holding, .input, .holding])
        #expect(identity.registers.map(\.content) == [.number(0x70), .text("SunS"), .number(-5)])
        #expect(
            identity.registers[2].layout == RegisterLayout(encoding: .int32, order: .cdab, width: 2)
        )
    }

    @Test func `what a signal does not say has its default`() throws {
        let signal = try signal("bits: {}")
        #expect(signal.layout == RegisterLayout(encoding: .uint16, order: .abcd, width: 1))
        #expect(signal.scale == 1)
        #expect(signal.offset == 0)
        #expect(signal.unit == nil)
        #expect(signal.role == nil)
        #expect(signal.range == nil)
        #expect(signal.unavailable.isEmpty)
        #expect(signal.every == nil)
        #expect(signal.publishing == .always)
        #expect(signal.field == nil && signal.scaleFactor == nil && signal.counter == nil)
        #expect(!signal.isConfirmed && signal.utcOffset.isEmpty)
        #expect(signal.bits.isEmpty)
    }

    @Test func `what a profile does not say has its default`() throws {
        let profile = try Profile.read(
            text: """
                vendor: Example
                model: 580
                source: none
                signals: { it: { at: 7, table: coil } }
                """, file: "p.yaml", id: "example/drive")
        #expect(profile.id == "example/drive")
        #expect(profile.model == "580")
        #expect(profile.kind == nil)
        #expect(profile.maxRegisters == Profile.Default.maxRegisters)
        #expect(profile.maxGap == Profile.Default.maxGap)
        #expect(profile.requestGap == Profile.Default.requestGap)
        #expect(profile.every == nil)
        #expect(profile.gates.isEmpty)
        #expect(profile.health.isEmpty)
        #expect(profile.text.hasPrefix("vendor: Example"))
    }

    @Test(arguments: [
        ("bool", 1), ("int16", 1), ("uint16", 1), ("float16", 1), ("bcd16", 1), ("int32", 2),
        ("uint32", 2), ("float32", 2), ("bcd32", 2), ("int64", 4), ("uint64", 4), ("float64", 4),
        ("signmag16", 1), ("signmag32", 2), ("unixtime", 2), ("datetime", 4), ("bcdtime", 3),
        ("days2000", 1),
    ])
    func `a type has its width`(type: String, width: Int) throws {
        #expect(try signal("type: \(type)").layout.width == width)
    }

    @Test(arguments: [("string", 16), ("mod10k", 3), ("chars", 20)])
    func `a type without a width is given one`(type: String, width: Int) throws {
        let layout = try signal("type: \(type), registers: \(width)").layout
        #expect(layout.width == width)
        #expect(layout.encoding.rawValue == type)
    }

    @Test func `a bit table holds Booleans whatever the default type`() throws {
        #expect(try signal("table: discrete").layout.encoding == .bool)
        #expect(try signal("every: 1s", modbus: "table: coil").layout.encoding == .bool)
    }

    @Test func `half a range is open at the other end`() throws {
        #expect(try signal("range: { min: 0 }").range == 0 ... .infinity)
        #expect(try signal("range: { max: 5 }").range == -.infinity...5)
    }

    @Test(arguments: [
        "Cel", "/min", "1/min", "kW.h", "V.A", "V.A{reactive}", "\"%\"", "\"[g]\"", "m3/h", "mm/s",
        "m/s2", "\"[degF]\"", "bar", "Ohm", "um", "\"10*3/min\"", "L/min", "A", "Hz", "\"[ppm]\"",
        "1",
        "A.s", "m3/h{normal}", "\"mm[Hg]\"", "\"[in_i'H2O]\"", "dB", "cSt", "kPa", "h",
        "\"{piece}\"",
    ])
    func `a UCUM code is taken as it is`(unit: String) throws {
        #expect(
            try signal(
                "unit: \(unit.contains("{") && !unit.hasPrefix("\"") ? "\"\(unit)\"" : unit)"
            ).unit != nil)
    }

    @Test(arguments: [
        ("°C", "Cel"), ("C", "Cel"), ("degC", "Cel"), ("RPM", "/min"), ("kWh", "kW.h"),
        ("kVA", "kV.A"), ("var", "V.A{reactive}"), ("kvarh", "kV.A.h{reactive}"), ("µm", "um"),
        ("m³/h", "m3/h"), ("psi", "[psi]"), ("Nm", "N.m"), ("N m", "N.m"), ("in/s", "[in_i]/s"),
        ("Ω", "Ohm"), ("hours", "h"), ("% RH", "%"), ("Volts", "V"),
    ])
    func `what people write for a unit is put right`(unit: String, code: String) {
        let error = #expect(throws: ProfileError.self) { try signal("unit: \"\(unit)\"") }
        #expect(error?.mistakes.map(\.suggestion) == [code])
    }

    @Test func `the newer keys of a signal are kept`() throws {
        let signal = try signal(
            """
            type: uint32, field: { bit: 4, width: 20 }, scale-factor: { at: 3 }, confirm: true, \
            counter: { rollover: 1000000 }, deadband: 2, on-change: true, at-least-every: 5m
            """)
        #expect(signal.field == BitField(bit: 4, width: 20))
        #expect(signal.scaleFactor?.address == 3)
        #expect(
            signal.scaleFactor?.layout
                == RegisterLayout(encoding: .int16, order: .abcd, width: 1))
        #expect(signal.scaleFactor?.unavailable == [0x8000])
        #expect(signal.extent == 3..<9)
        #expect(signal.sources == [7, 8, 3])
        #expect(signal.isConfirmed)
        #expect(signal.counter == Counter(rollover: 1e6))
        #expect(
            signal.publishing
                == Publishing(deadband: 2, onChange: true, atLeastEvery: .seconds(300)))
    }

    @Test(
        arguments: [
            ("type: uint16", 65_536), ("type: uint32", 0x1p32), ("type: uint64", 0x1p64),
            ("type: int16", 32_768), ("type: int32", 0x1p31), ("type: int64", 0x1p63),
            ("type: bcd16", 10_000), ("type: bcd32", 1e8), ("type: mod10k, registers: 3", 1e12),
            ("type: mod10k, registers: 4", 1e16), ("type: float32", nil), ("type: float64", nil),
            ("type: uint32, field: { bit: 8, width: 24 }", 0x1p24),
        ] as [(String, Double?)])
    func `a counter comes round where its type ends`(text: String, rollover: Double?) throws {
        #expect(try signal("\(text), counter: true").counter == Counter(rollover: rollover))
        #expect(try signal("\(text), counter: false").counter == nil)
    }

    @Test(arguments: ["Z", "+08:00", "-03:30", "+00:00", "+23:59"])
    func `a clock has the offset that its line gives`(offset: String) throws {
        #expect(try signal("type: datetime, utc-offset: \"\(offset)\"").utcOffset == offset)
        #expect(try signal("type: bcdtime, utc-offset: \(offset)").utcOffset == offset)
    }

    @Test func `a scale factor may be a signal, with its own words for none`() throws {
        let profile = try Profile.read(
            text: """
                vendor: Example
                model: Meter
                source: none
                modbus: { table: input, type: int16, order: BADC }
                signals:
                  power: { at: 5, scale-factor: exponent }
                  energy: { at: 6, type: uint32, scale-factor: plain }
                  exponent: { at: 9, unavailable: [0x7FFF] }
                  plain: { at: 2, type: uint16, order: ABCD }
                """, file: "p.yaml", id: "example/meter")
        #expect(
            profile.signals[0].scaleFactor
                == ScaleFactor(
                    address: 9,
                    layout: RegisterLayout(encoding: .int16, order: .badc, width: 1),
                    unavailable: [0x7FFF, 0x8000]))
        #expect(profile.signals[0].extent == 5..<10)
        #expect(
            profile.signals[1].scaleFactor
                == ScaleFactor(
                    address: 2,
                    layout: RegisterLayout(encoding: .uint16, order: .abcd, width: 1),
                    unavailable: []))
        #expect(profile.signals[1].extent == 2..<8)
    }

    @Test func `derived signals are kept in their order`() throws {
        let profile = try Profile.read(
            text: """
                vendor: Example
                model: Meter
                source: none
                modbus: { table: input, type: uint16 }
                signals: { a: { at: 0 }, b: { at: 1 }, c: { at: 2, bits: { 0: on } } }
                derived:
                  all: { sum: [a, b, c], scale: 0.1, unit: W, role: active-power, deadband: 5 }
                  share: { ratio: [a, all], scale: 100, unit: "%", range: { min: 0, max: 100 } }
                  spread: { unbalance: [a, b, c], on-change: true, at-least-every: 1h }
                health: [{ condition: uneven, signal: spread, limit-high: 2 }]
                """, file: "p.yaml", id: "example/meter")
        #expect(profile.derived.map(\.name) == ["all", "share", "spread"])
        #expect(profile.derived.map(\.operation) == [.sum, .ratio, .unbalance])
        #expect(profile.derived[0].inputs == ["a", "b", "c"])
        #expect(profile.derived[0].scale == 0.1)
        #expect(profile.derived[0].role == .activePower)
        #expect(profile.derived[0].publishing.deadband == 5)
        #expect(profile.derived[1].range == 0...100)
        #expect(profile.derived[2].publishing.atLeastEvery == .seconds(3600))
        #expect(profile.names == ["a", "b", "c", "c.on", "all", "share", "spread"])
        #expect(profile.sources(of: "share") == ["a", "b", "c"])
        #expect(profile.sources(of: "a") == ["a"])
        #expect(profile.health.map(\.signal) == ["spread"])
    }
}
