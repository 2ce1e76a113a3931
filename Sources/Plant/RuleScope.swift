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
    /// Devices that could not be read: nothing about them can be judged.
    private var unread: Set<String> = []

    /// The names as the profile itself uses them.
    mutating func add(
        _ signals: [ProfileSignal], derived: [DerivedSignal] = [], gates: [String: String]
    ) {
        add(signals, prefix: "")
        add(derived, prefix: "")
        for gate in gates.keys { self.gates[gate] = gate }
    }

    /// The names of a device within its equipment.
    mutating func add(device: String, _ profile: Profile?) {
        guard let profile else {
            unread.insert(device)
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
        if !isUnread(name) {
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

    private func isUnread(_ name: String) -> Bool {
        unread.contains(String(name.prefix { $0 != "/" }))
    }
}
