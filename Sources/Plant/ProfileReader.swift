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
        var scope = RuleScope()
        let signals = section.required("signals").flatMap { Self.signals($0, modbus, &scope) }
        if signals == nil { scope.loseSignals() }
        if section.isMisspelt("gates") { scope.loseGates() }
        let gates = section.value("gates", or: [:]) { Self.gates($0, &scope) }
        if section.isMisspelt("derived") { scope.loseSignals() }
        let derived = section["derived"].map { Self.derived($0, &scope) } ?? []
        let health = [ConditionRule](section["health"], in: scope)
        guard findings.isClean, let vendor, let model, let source, let signals, let gates
        else { return nil }
        self.init(
            id: id, vendor: vendor, model: model, kind: kind, source: source, text: text,
            maxRegisters: modbus.maxRegisters, maxGap: modbus.maxGap,
            requestGap: modbus.requestGap, every: modbus.every, identity: identity,
            signals: signals, derived: derived, gates: gates, health: health)
    }

    // What each of these reads, and what it cannot read, goes into the scope: a mistake is told
    // where it is, and not again wherever the name is used.

    /// `nil` where there is none, after a mistake.
    private static func signals(
        _ field: Field, _ defaults: ModbusDefaults, _ scope: inout RuleScope
    ) -> [ProfileSignal]? {
        guard let entries = field.entries() else { return nil }
        guard !entries.isEmpty else {
            field.findings.mistake(at: field.keyPlace, "there is no signal")
            return nil
        }
        let signals = entries.compactMap { entry in
            let signal = ProfileSignal(entry, defaults)
            scope.add(signal, named: entry.key)
            return signal
        }
        let reader = ScaleFactorReader(
            signals: signals, scope: scope, maxRegisters: defaults.maxRegisters)
        return signals.map { signal in
            var signal = signal
            let lines = entries.first { $0.key == signal.name }?.entries() ?? []
            signal.scaleFactor = lines.first { $0.key == "scale-factor" }
                .flatMap { reader.read($0, of: signal) }
            return signal
        }
    }

    /// Each may use the signals and the derived ones above it.
    private static func derived(_ field: Field, _ scope: inout RuleScope) -> [DerivedSignal] {
        guard let entries = field.entries() else {
            scope.loseSignals()
            return []
        }
        var derived: [DerivedSignal] = []
        for (index, entry) in entries.enumerated() {
            if scope.hasSignal(entry.key) {
                field.findings.mistake(
                    at: entry.keyPlace, "\(Field.quote(entry.key)) is a signal already")
            }
            let below = entries[index...].map(\.key)
            let signal = DerivedSignal(entry, in: scope, below: below)
            scope.add(signal, named: entry.key)
            if let signal { derived.append(signal) }
        }
        return derived
    }

    private static func gates(_ field: Field, _ scope: inout RuleScope) -> [String: String]? {
        guard let entries = field.entries() else {
            scope.loseGates()
            return nil
        }
        var gates: [String: String] = [:]
        for entry in entries {
            let signal = signal(ofGate: entry, scope)
            scope.add(gate: entry.key, signal)
            guard let name = entry.namedKey() else { continue }
            gates[name] = signal
        }
        return gates
    }

    /// `nil` after a mistake, here or in the signal's own line.
    private static func signal(ofGate field: Field, _ scope: RuleScope) -> String? {
        guard let name = field.text() else { return nil }
        if scope.isBoolean(name) { return name }
        if !scope.isUnread(name) {
            field.mistake(
                "\(Field.quote(name)) is no Boolean signal of this profile",
                suggestion: Suggestion.nearest(to: name, among: scope.booleans))
        }
        return nil
    }
}
