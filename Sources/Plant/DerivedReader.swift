// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Settings

extension DerivedSignal {
    static let keys =
        Operation.allCases.map(\.rawValue)
        + ["scale", "unit", "role", "range", "deadband", "on-change", "at-least-every"]

    /// `nil` after a mistake; `scope` has what stands above it.
    init?(_ field: Field, in scope: RuleScope, below: [String]) {
        guard let section = field.section(keys: Self.keys) else { return nil }
        let name = field.namedKey()
        let written = section.oneOrMore(
            of: Operation.allCases.map(\.rawValue),
            "\(Field.quote(field.key)) needs one of sum, difference, ratio and unbalance")
        if written.count > 1 {
            section.findings.mistake(
                at: written[1].keyPlace,
                "\(Field.quote(field.key)) is a \(written[0].key) already; a derived signal is "
                    + "one thing")
        }
        let operation = written.first.flatMap { Operation(rawValue: $0.key) }
        let inputs = operation.flatMap { operation in
            written.first?.inputs(of: operation, in: scope, below: below)
        }
        let scale = section.value("scale", or: Profile.Default.scale) { $0.scale() }
        let unit = section["unit"]?.unitCode()
        let role = section["role"]?.choice(of: Role.allCases)
        let range = section["range"]?.valueRange()
        let publishing = Publishing(section)
        guard let name, written.count == 1, let operation, let inputs, let scale else {
            return nil
        }
        self.init(
            name: name, operation: operation, inputs: inputs, scale: scale, unit: unit, role: role,
            range: range, publishing: publishing)
    }
}

extension Field {
    /// The names of numbers, as many as the operation takes.
    fileprivate func inputs(
        of operation: DerivedSignal.Operation, in scope: RuleScope, below: [String]
    ) -> [String]? {
        guard let items = items() else { return nil }
        let bounds = operation.inputs
        guard bounds.contains(items.count) else {
            let counts =
                bounds.count == 1
                ? "\(bounds.lowerBound)" : "\(bounds.lowerBound) to \(bounds.upperBound)"
            mistake("\(Field.quote(key)) takes \(counts) signals, not \(items.count)")
            return nil
        }
        var names: [String] = []
        for item in items {
            guard let name = scope.input(item, below: below) else { continue }
            if names.contains(name) { item.mistake("\(Field.quote(name)) is given twice") }
            names.append(name)
        }
        return names.count == items.count ? names : nil
    }
}

extension RuleScope {
    /// A number among the signals of the profile and the derived ones above.
    fileprivate func input(_ field: Field, below: [String]) -> String? {
        guard case .scalar(let name, _) = field.node.content, below.contains(name) else {
            return numericSignal(field, wants: "what is derived")?.name
        }
        field.mistake(
            "\(Field.quote(name)) is not known yet: derived signals use those that stand above them"
        )
        return nil
    }
}
