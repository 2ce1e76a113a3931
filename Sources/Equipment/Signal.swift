// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// One normalised quantity of an equipment: who it is, not what it says.
///
/// Made once from the configuration and shared by all its readings, so that a reading costs a
/// reference. Two signals are the same if they are the same object.
package final class Signal: Sendable {
    /// The equipment's key in the configuration.
    package let equipment: String
    /// `<device>/<signal>`, or `<device>/<signal>.<bit>`.
    package let name: String
    /// The device part of `name`.
    package let device: String
    /// A UCUM code such as `Cel` (The Unified Code for Units of Measure); `nil` if it has none.
    package let unit: String?
    /// What it means to rules and reports, if the profile says.
    package let role: Role?

    /// A signal of its own: another one made of the same words is not the same signal.
    package init(equipment: String, device: String, signal: String, unit: String?, role: Role?) {
        self.equipment = equipment
        self.device = device
        self.name = "\(device)/\(signal)"
        self.unit = unit
        self.role = role
    }
}

extension Signal: Hashable {
    package static func == (left: Signal, right: Signal) -> Bool {
        left === right
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(self))
    }
}
