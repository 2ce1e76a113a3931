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

    /// What a signal is called and means, which devices of one model have in common.
    package struct Description: Hashable, Sendable {
        fileprivate let quantity: String
        fileprivate let unit: String?
        fileprivate let role: Role?

        /// `quantity` is the signal's name in its profile, `<signal>.<bit>` for a bit.
        package init(quantity: String, unit: String?, role: Role?) {
            self.quantity = quantity
            self.unit = unit
            self.role = role
        }
    }

    private final class List: Sendable {
        let equipment: String
        let device: String
        let descriptions: [Description]

        init(_ equipment: String, _ device: String, _ descriptions: [Description]) {
            self.equipment = equipment
            self.device = device
            self.descriptions = descriptions
        }
    }

    /// The signals of a device, as they are described: others made of the same words are not the
    /// same signals.
    package static func all(
        of device: String, in equipment: String, _ descriptions: [Description]
    ) -> [Signal] {
        let list = List(equipment, device, descriptions)
        return descriptions.indices.map { Signal(list: list, place: Int32($0)) }
    }
}

extension Signal {
    /// A signal alone in its list.
    package init(equipment: String, device: String, signal: String, unit: String?, role: Role?) {
        let description = Description(quantity: signal, unit: unit, role: role)
        self.init(list: List(equipment, device, [description]), place: 0)
    }

    /// The equipment's key in the configuration.
    package var equipment: String { list.equipment }
    /// `<device>/<signal>`, or `<device>/<signal>.<bit>`.
    package var name: String { "\(device)/\(quantity)" }
    /// The device part of `name`.
    package var device: String { list.device }
    /// What follows the device in `name`.
    package var quantity: String { description.quantity }
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
