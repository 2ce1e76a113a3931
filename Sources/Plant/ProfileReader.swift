// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Settings

extension Profile {
    /// What holds where a profile says nothing.
    package enum Default {
        /// The most that the protocol allows.
        package static let maxRegisters = 125
        /// A register that the profile does not list may be one that the device refuses.
        package static let maxGap = 0
        /// The quiet time of the line itself suffices.
        package static let requestGap = Duration.zero
        /// High register first, as most lists have it.
        package static let order = RegisterLayout.Order.abcd
        /// The raw value as it is.
        package static let scale = 1.0
        /// The raw value as it is.
        package static let offset = 0.0
    }

    /// What may be written in a profile.
    package enum Bound {
        /// (MODBUS Application Protocol V1.1b3, §6.3)
        package static let maxRegisters = 1...125
        /// A request has no room for a larger hole.
        package static let maxGap = 0...124
        /// A device that needs longer is one for a slower line.
        package static let requestGap = Duration.zero...Duration.seconds(10)
    }

    /// The keys that each part of a profile accepts; `*` stands for a name of the author's.
    package static let keys: [String: [String]] = [
        "": Key.root, "modbus": Key.modbus, "identity": Identity.keys,
        "identity.registers": Identity.markKeys, "signals.*": ProfileSignal.keys,
        "signals.*.range": ProfileSignal.rangeKeys, "signals.*.field": BitField.keys,
        "signals.*.scale-factor": ScaleFactor.keys, "signals.*.counter": Counter.keys,
        "derived.*": DerivedSignal.keys, "derived.*.range": ProfileSignal.rangeKeys,
        "health": ConditionRule.keys,
    ]

    enum Key {
        static let root = [
            "vendor", "model", "kind", "source", "modbus", "identity", "signals", "derived",
            "gates", "health",
        ]
        static let modbus = [
            "table", "type", "order", "max-registers", "max-gap", "request-gap", "every",
        ]
    }

    /// Reads the profile `id` (`<vendor>/<model>`) from `file`; throws with all its mistakes.
    package static func read(file: String, id: String) throws(ProfileError) -> Profile {
        let findings = Findings(file: file)
        guard let profile = read(id: id, into: findings) else {
            throw ProfileError(mistakes: findings.mistakes)
        }
        return profile
    }

    /// Reads a profile that is not in a file; mistakes name it `file`.
    package static func read(
        text: String, file: String, id: String
    ) throws(ProfileError) -> Profile {
        let findings = Findings(file: file)
        let root = Document.parse(text, into: findings)
        guard let profile = root.flatMap({ Profile($0, text: text, id: id, findings) }) else {
            throw ProfileError(mistakes: findings.mistakes)
        }
        return profile
    }

    /// `nil` after a mistake.
    static func read(id: String, into findings: Findings) -> Profile? {
        guard let (root, text) = Document.read(into: findings) else { return nil }
        return Profile(root, text: text, id: id, findings)
    }

    private init?(_ root: Node, text: String, id: String, _ findings: Findings) {
        guard let section = Section(root: root, keys: Key.root, findings: findings) else {
            return nil
        }
        let vendor = section.required("vendor")?.text()
        let model = section.required("model")?.text()
        let kind = section["kind"]?.text()
        let source = section.required("source")?.text()
        let modbus =
            section["modbus"]?.section(keys: Key.modbus).map { ModbusDefaults($0) }
            ?? ModbusDefaults()
        let identity = section["identity"].flatMap { Identity($0, modbus) }
        let signals = section.required("signals").map { Self.signals($0, modbus) }
        let derived = section["derived"].map { Self.derived($0, of: signals ?? []) } ?? []
        let gates = section.value("gates", or: [:]) { Self.gates($0, of: signals ?? []) }
        var scope = RuleScope()
        scope.add(signals ?? [], derived: derived, gates: gates ?? [:])
        let health = [ConditionRule](section["health"], in: scope)
        guard findings.isClean, let vendor, let model, let source, let signals, let gates
        else { return nil }
        self.init(
            id: id, vendor: vendor, model: model, kind: kind, source: source, text: text,
            maxRegisters: modbus.maxRegisters, maxGap: modbus.maxGap,
            requestGap: modbus.requestGap, every: modbus.every, identity: identity,
            signals: signals, derived: derived, gates: gates, health: health)
    }

    private static func signals(_ field: Field, _ defaults: ModbusDefaults) -> [ProfileSignal] {
        guard let entries = field.entries() else { return [] }
        if entries.isEmpty { field.findings.mistake(at: field.keyPlace, "there is no signal") }
        let signals = entries.compactMap { ProfileSignal($0, defaults) }
        let reader = ScaleFactorReader(signals: signals, maxRegisters: defaults.maxRegisters)
        return signals.map { signal in
            var signal = signal
            let lines = entries.first { $0.key == signal.name }?.entries() ?? []
            signal.scaleFactor = lines.first { $0.key == "scale-factor" }
                .flatMap { reader.read($0, of: signal) }
            return signal
        }
    }

    /// Each may use the signals and the derived ones above it.
    private static func derived(_ field: Field, of signals: [ProfileSignal]) -> [DerivedSignal] {
        let entries = field.entries() ?? []
        var scope = RuleScope()
        scope.add(signals, gates: [:])
        let taken = Set(signals.map(\.name))
        var derived: [DerivedSignal] = []
        for (index, entry) in entries.enumerated() {
            if taken.contains(entry.key) {
                field.findings.mistake(
                    at: entry.keyPlace, "\(Field.quote(entry.key)) is a signal already")
            }
            let below = entries[index...].map(\.key)
            guard let signal = DerivedSignal(entry, in: scope, below: below) else { continue }
            derived.append(signal)
            scope.add([], derived: [signal], gates: [:])
        }
        return derived
    }

    private static func gates(_ field: Field, of signals: [ProfileSignal]) -> [String: String]? {
        guard let entries = field.entries() else { return nil }
        var scope = RuleScope()
        scope.add(signals, gates: [:])
        var gates: [String: String] = [:]
        for entry in entries {
            guard let name = entry.namedKey(), let signal = entry.text() else { continue }
            guard scope.isBoolean(signal) else {
                entry.mistake(
                    "\(Field.quote(signal)) is no Boolean signal of this profile",
                    suggestion: Suggestion.nearest(to: signal, among: scope.booleans))
                continue
            }
            gates[name] = signal
        }
        return gates
    }
}

/// What the `modbus` part of a profile says for all its signals and requests.
///
/// After a mistake it goes on with the default, so that the signals can still be judged.
struct ModbusDefaults {
    /// What is not written, or could not be read.
    enum Written<Value> {
        case nothing, unreadable
        case value(Value)
    }

    var table = Written<Table>.nothing
    var encoding = Written<RegisterLayout.Encoding>.nothing
    var order = Profile.Default.order
    var maxRegisters = Profile.Default.maxRegisters
    var maxGap = Profile.Default.maxGap
    var requestGap = Profile.Default.requestGap
    var every: Duration?
}

extension ModbusDefaults {
    init(_ section: Section) {
        table = Self.written(section["table"]) { $0.choice(of: Table.allCases) }
        encoding = Self.written(section["type"]) {
            $0.choice(of: RegisterLayout.Encoding.allCases)
        }
        order = section["order"]?.choice(of: RegisterLayout.Order.allCases) ?? order
        maxRegisters =
            section["max-registers"]?.whole(in: Profile.Bound.maxRegisters) ?? maxRegisters
        maxGap = section["max-gap"]?.whole(in: Profile.Bound.maxGap) ?? maxGap
        requestGap = section["request-gap"]?.duration(in: Profile.Bound.requestGap) ?? requestGap
        every = section["every"]?.duration(in: Configuration.Bound.every)
    }

    private static func written<Value>(
        _ field: Field?, _ read: (Field) -> Value?
    ) -> Written<Value> {
        guard let field else { return .nothing }
        return read(field).map { .value($0) } ?? .unreadable
    }
}
