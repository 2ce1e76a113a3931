// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// One normalised quantity of an equipment: who it is, not what it says.
///
/// A place in the list of its device's signals, which all its readings share: a reading costs a
/// reference, and of a large plant's 85,000 signals none is an object of its own. Two signals are
/// the same if they are the same place of the same list.
package struct Signal: Sendable {
    private let list: List
    private let place: Int32

    /// What a signal is called and means: the same for each device of a name and a model.
    package struct Description: Hashable, Sendable {
        fileprivate let name: String
        fileprivate let unit: String?
        fileprivate let role: Role?

        /// `signal` as its profile calls it, `<signal>.<bit>` for a bit.
        package init(device: String, signal: String, unit: String?, role: Role?) {
            name = "\(device)/\(signal)"
            self.unit = unit
            self.role = role
        }
    }

    private final class List: Sendable {
        let equipment: String
        let descriptions: [Description]

        init(_ equipment: String, _ descriptions: [Description]) {
            self.equipment = equipment
            self.descriptions = descriptions
        }
    }

    /// A signal for each description: others made of the same words are not the same signals.
    package static func all(of equipment: String, _ descriptions: [Description]) -> [Signal] {
        let list = List(equipment, descriptions)
        return descriptions.indices.map { Signal(list: list, place: Int32($0)) }
    }
}

extension Signal {
    /// A signal alone in its list.
    package init(equipment: String, device: String, signal: String, unit: String?, role: Role?) {
        let description = Description(device: device, signal: signal, unit: unit, role: role)
        self.init(list: List(equipment, [description]), place: 0)
    }

    /// The equipment's key in the configuration.
    package var equipment: String { list.equipment }
    /// `<device>/<signal>`, or `<device>/<signal>.<bit>`.
    package var name: String { description.name }
    /// A UCUM code such as `Cel` (The Unified Code for Units of Measure); `nil` if it has none.
    package var unit: String? { description.unit }
    /// What it means to rules and reports, if the profile says.
    package var role: Role? { description.role }

    private var description: Description { list.descriptions[Int(place)] }
}

extension Signal: Hashable {
    package static func == (left: Signal, right: Signal) -> Bool {
        left.list === right.list && left.place == right.place
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(list))
        hasher.combine(place)
    }
}
