// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Settings

/// The names that a condition can refer to: of one profile, or of one equipment.
struct RuleScope {
    private enum Kind {
        case number(range: ClosedRange<Double>?)
        case boolean, text
    }

    private var signals: [String: Kind] = [:]
    /// Gate name → what a rule keeps of it.
    private var gates: [String: String] = [:]
    /// Devices of an equipment, or signals of a profile, that could not be read: nothing about them
    /// can be judged, and their own mistake is told already. `nil`: not even their names are known.
    private var unread: Set<String>? = []
    /// Gates, likewise.
    private var unreadGates: Set<String>? = []

    /// A signal of the profile under its own name; `nil` if it could not be read.
    mutating func add(_ signal: ProfileSignal?, named name: String) {
        guard let signal else {
            unread?.insert(name)
            return
        }
        add([signal], prefix: "")
    }

    /// Likewise.
    mutating func add(_ derived: DerivedSignal?, named name: String) {
        guard let derived else {
            unread?.insert(name)
            return
        }
        add([derived], prefix: "")
    }

    /// A gate of the profile; `nil` if what it stands for could not be read.
    mutating func add(gate name: String, _ signal: String?) {
        if signal == nil { unreadGates?.insert(name) } else { gates[name] = name }
    }

    /// A mistake hides even the names of signals.
    mutating func loseSignals() { unread = nil }

    /// Likewise of gates.
    mutating func loseGates() { unreadGates = nil }

    /// The names of a device within its equipment.
    mutating func add(device: String, _ profile: Profile?) {
        guard let profile else {
            unread?.insert(device)
            return
        }
        add(profile.signals, prefix: device + "/")
        add(profile.derived, prefix: device + "/")
        for (gate, signal) in profile.gates { gates["\(device)/\(gate)"] = "\(device)/\(signal)" }
    }

    private mutating func add(_ signals: [ProfileSignal], prefix: String) {
        for signal in signals {
            self.signals[prefix + signal.name] =
                switch signal.layout.encoding.kind {
                case .boolean: .boolean
                case .text: .text
                case .number: .number(range: signal.range)
                }
            for bit in signal.bits.values {
                self.signals["\(prefix)\(signal.name).\(bit)"] = .boolean
            }
        }
    }

    private mutating func add(_ derived: [DerivedSignal], prefix: String) {
        for signal in derived { signals[prefix + signal.name] = .number(range: signal.range) }
    }

    /// Whether a signal of that name stands there, readable or not.
    func hasSignal(_ name: String) -> Bool {
        signals[name] != nil || unread?.contains(name) ?? false
    }

    func isBoolean(_ name: String) -> Bool {
        if case .boolean = signals[name] { return true }
        return false
    }

    var booleans: [String] { signals.keys.filter { isBoolean($0) }.sorted() }

    /// `wants` is what can do with nothing but a number.
    func numericSignal(
        _ field: Field, wants: String = "a limit"
    ) -> (name: String, range: ClosedRange<Double>?)? {
        guard let name = field.text() else { return nil }
        switch signals[name] {
        case .number(let range):
            return (name, range)
        case .boolean, .text:
            field.mistake("\(Field.quote(name)) is no number; \(wants) needs one")
        case nil where isUnread(name):
            break
        case nil:
            let numbers = signals.keys.filter { !isBoolean($0) }.sorted()
            field.mistake(
                "there is no signal \(Field.quote(name))",
                suggestion: Self.meant(by: name, among: numbers))
        }
        return nil
    }

    func gate(_ field: Field) -> String? {
        guard let name = field.text() else { return nil }
        if let gate = gates[name] { return gate }
        if !isUnread(name), let unreadGates, !unreadGates.contains(name) {
            field.mistake(
                "there is no gate \(Field.quote(name))",
                suggestion: Self.meant(by: name, among: gates.keys.sorted()))
        }
        return nil
    }

    /// Most often the device is what was left out.
    private static func meant(by name: String, among names: [String]) -> String? {
        names.first { $0.hasSuffix("/" + name) } ?? Suggestion.nearest(to: name, among: names)
    }

    /// Whether it is what could not be read, or a part of that: `<device>/…`, `<signal>.<bit>`.
    func isUnread(_ name: String) -> Bool {
        unread?.contains(String(name.prefix { !"/.".contains($0) })) ?? true
    }
}
