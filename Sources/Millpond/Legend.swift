// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Modbus
internal import Plant

/// What the configuration says of the names that events bear, for the lines that people read.
struct Legend: Sendable {
    private struct Name: Hashable {
        let equipment: String
        let component: String?
        let condition: String
    }

    /// Where each connection leads, by its name.
    private let endpoints: [String: Endpoint]
    private let actions: [Name: String]

    init(_ configuration: Configuration) {
        endpoints = Dictionary(
            uniqueKeysWithValues: configuration.connections.map { ($0.name, $0.endpoint) })
        var actions: [Name: String] = [:]
        for equipment in configuration.equipment {
            for rule in equipment.conditions {
                let name = Name(
                    equipment: equipment.id, component: rule.component, condition: rule.condition)
                actions[name] = rule.action
            }
        }
        self.actions = actions
    }

    func endpoint(of connection: String) -> Endpoint? { endpoints[connection] }

    /// What to do about the condition; `nil` if the configuration does not say.
    func action(for transition: Transition) -> String? {
        actions[
            Name(
                equipment: transition.equipment, component: transition.component,
                condition: transition.condition)]
    }
}
