// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Plant
import Settings
import Testing

/// Nothing that a text can say may trap; what is accepted must hold together.
@Suite struct MutationTests {
    private static let mutations = 2_500

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `a damaged configuration is told or read, never a trap`(seed: UInt64) throws {
        let sample = Array(Repository.text(of: "config/millpond.yaml").utf8)
        try #require(!sample.isEmpty)
        let scratch = try smallProfiles()
        // Comments are half of the sample and no target: they are left out.
        let bare = Self.withoutComments(sample)
        var damage = Damage(seed: seed)
        var accepted = 0
        for round in 0..<Self.mutations {
            let text = String(decoding: damage.applied(to: bare), as: UTF8.self)
            do throws(ConfigurationError) {
                let (configuration, _) = try Configuration.read(
                    text: text, file: "m.yaml", profilesBeside: scratch.path + "/bin/millpond")
                accepted += 1
                expectWhole(configuration, "seed \(seed), round \(round)")
            } catch {
                #expect(!error.mistakes.isEmpty, "seed \(seed), round \(round)")
            }
        }
        // A generator that only makes rubbish, or none, tests nothing.
        #expect((1..<Self.mutations).contains(accepted), "seed \(seed)")
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `a damaged profile is told or read, never a trap`(seed: UInt64) throws {
        let shipped = Self.withoutComments(
            Array(Repository.text(of: "devices/abb/acs580/profile.yaml").utf8))
        try #require(!shipped.isEmpty)
        let sample = seed.isMultiple(of: 2) ? shipped : Array(Self.everyKey.utf8)
        var damage = Damage(seed: seed)
        var accepted = 0
        for round in 0..<Self.mutations / 5 {
            let text = String(decoding: damage.applied(to: sample), as: UTF8.self)
            do throws(ProfileError) {
                let profile = try Profile.read(text: text, file: "p.yaml", id: "a/b")
                accepted += 1
                expectWhole(profile, "seed \(seed), round \(round)")
            } catch {
                #expect(!error.mistakes.isEmpty, "seed \(seed), round \(round)")
            }
        }
        #expect((1..<Self.mutations / 5).contains(accepted), "seed \(seed)")
    }

    /// What acs580 has no use for.
    private static let everyKey = """
        vendor: Example
        model: Meter
        source: none
        modbus: { table: input, type: int16, max-registers: 20 }
        signals:
          current: { at: 2, scale-factor: { at: 9 }, unit: A, on-change: true }
          voltage: { at: 3, scale-factor: exponent, at-least-every: 5m, deadband: 2 }
          exponent: { at: 13, unavailable: [0x7FFF] }
          phase: { at: 4, type: uint32, field: { bit: 4, width: 20 } }
          energy: { at: 6, type: uint32, counter: { rollover: 1000000 } }
          power: { at: 10, type: signmag32, confirm: true }
          clock: { at: 14, type: datetime, utc-offset: "+08:00" }
          name: { at: 18, type: chars, registers: 2 }
        derived:
          all: { sum: [current, voltage, power], scale: 0.1, unit: W }
          share: { ratio: [current, all], range: { min: 0 } }
          spread: { unbalance: [current, voltage, phase], unit: "%" }
        """

    private func expectWhole(_ profile: Profile, _ comment: Comment) {
        var known = Set(profile.signals.filter { $0.layout.encoding.kind == .number }.map(\.name))
        for signal in profile.signals {
            #expect(signal.extent.upperBound <= 65_536, comment)
            #expect(signal.table.holdsBits || signal.extent.count <= profile.maxRegisters, comment)
            #expect(signal.extent.contains(signal.addresses.lowerBound), comment)
            if let field = signal.field {
                #expect(field.bit >= 0 && field.width >= 1, comment)
                #expect(field.bit + field.width <= 16 * signal.layout.width, comment)
            }
            #expect(signal.counter?.rollover.map { $0 >= 2 } ?? true, comment)
        }
        for derived in profile.derived {
            #expect(derived.operation.inputs.contains(derived.inputs.count), comment)
            #expect(known.isSuperset(of: derived.inputs), comment)
            known.insert(derived.name)
        }
        #expect(Set(profile.names).count == profile.names.count, comment)
    }

    /// Profiles with the names that the sample uses, and no more: they are read again every round.
    private func smallProfiles() throws -> Scratch {
        let scratch = try Scratch()
        for (id, signals) in [
            ("abb/acs580", "status: { at: 3, bits: { 2: running } }"),
            ("eastron/sdm630", "voltage-l1: { at: 0 }"),
            ("banner/qm42vt2", "x-velocity-rms: { at: 5205 }"),
        ] {
            let gates = id == "abb/acs580" ? "gates: { running: status.running }" : ""
            try scratch.file(
                "devices/\(id)/profile.yaml",
                """
                vendor: Example
                model: Example
                source: none
                modbus: { table: holding, type: uint16 }
                signals: { \(signals) }
                \(gates)
                """)
        }
        return scratch
    }

    private func expectWhole(_ configuration: Configuration, _ comment: Comment) {
        let connections = Set(configuration.connections.map(\.name))
        for equipment in configuration.equipment {
            #expect(!equipment.devices.isEmpty, comment)
            #expect(equipment.devices.allSatisfy { connections.contains($0.via) }, comment)
            let signals = Set(
                equipment.devices.flatMap { device in
                    device.profile.signals.flatMap(\.names).map { "\(device.name)/\($0)" }
                })
            for rule in equipment.conditions {
                #expect(signals.contains(rule.signal), comment)
                #expect(rule.gate.map { signals.contains($0) } ?? true, comment)
            }
        }
    }

    private static func withoutComments(_ text: [UInt8]) -> [UInt8] {
        let lines = text.split(separator: UInt8(ascii: "\n"))
            .filter { $0.first { $0 != UInt8(ascii: " ") } != UInt8(ascii: "#") }
        return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }
}

/// Damages texts, always the same for a seed (SplitMix64).
private struct Damage {
    private var state: UInt64
    /// What hurts parsers most.
    private static let tokens = [
        "{", "}", "[", "]", ":", ": ", "- ", "? ", "&a ", "*a", "!!str ", "|", ">", "'", "\"", "#",
        "\t", "\n", "\r\n", "---\n", "...\n", "%", "@", "~", "null", "true", "0x", "-1", "1e999",
        ".nan", "99999999999999999999", "\0", "\u{85}", "\u{2028}", "\u{FEFF}", "é", "<<", ",",
        "{a: {a: {a: {a: [", "24h", "2 GiB", "10s", "unit", "tcp", "health",
    ]

    init(seed: UInt64) {
        state = seed
    }

    private mutating func next(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }

    /// The text after one to three blows.
    mutating func applied(to text: [UInt8]) -> [UInt8] {
        var text = text
        for _ in 0...next(below: 3) {
            let start = next(below: text.count + 1)
            let end = min(text.count, start + next(below: 12))
            switch next(below: 6) {
            case 0: text.removeSubrange(start..<end)
            case 1: text.insert(UInt8(next(below: 256)), at: start)
            case 2: text.insert(contentsOf: text[start..<end], at: next(below: text.count + 1))
            case 3: text.removeSubrange(start...)
            case 4 where start < text.count: text[start] = UInt8(next(below: 128))
            default:
                let token = Self.tokens[next(below: Self.tokens.count)]
                text.replaceSubrange(start..<end, with: token.utf8)
            }
        }
        return text
    }
}
