// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment
package import Modbus

/// What a device model offers: `devices/<vendor>/<model>/profile.yaml`, read strictly.
package struct Profile: Hashable, Sendable {
    /// `<vendor>/<model>`, the folder it stands in.
    package var id: String
    /// As on the name plate.
    package var vendor: String
    /// As on the name plate.
    package var model: String
    /// What it is, in free text.
    package var kind: String?
    /// The document that the addresses come from.
    package var source: String
    /// The text as read: every change of it is a new version of the model.
    package var text: String
    /// The most registers that one request may ask for.
    package var maxRegisters: Int
    /// Registers read and thrown away rather than asking twice.
    package var maxGap: Int
    /// Quiet time that the device needs between two requests.
    package var requestGap: Duration
    /// For signals without a period of their own; `nil` leaves it to the default.
    package var every: Duration?
    /// By what a device of this model is known; `nil` if the profile does not say.
    package var identity: Identity?
    /// In the order of the file.
    package var signals: [ProfileSignal]
    /// Gate name → name of a Boolean signal of this profile (`status.running`).
    package var gates: [String: String]
    /// Signal and gate names are those of this profile, without a device.
    package var health: [ConditionRule]
}

/// One line of a profile: where a signal lies, how it is read and what it means.
package struct ProfileSignal: Hashable, Sendable {
    /// Unique in the profile.
    package var name: String
    /// Which of the four tables it lies in.
    package var table: Table
    /// 0-based wire address of its first register or bit.
    package var address: UInt16
    /// How its registers make a value.
    package var layout: RegisterLayout
    /// value = raw × scale + offset; 1 and 0 for a Boolean and a text.
    package var scale: Double
    /// See `scale`.
    package var offset: Double
    /// UCUM code.
    package var unit: String?
    /// What it means to rules and reports.
    package var role: Role?
    /// Outside it a reading is bad: `out-of-range`. An end that is not written is infinite.
    package var range: ClosedRange<Double>?
    /// Raw words, compared before decoding at the type's own width (up to 64 bits): `not-available`.
    package var unavailable: [UInt64]
    /// Its own period, written in its own line; see `Configuration.Device.period(of:)`.
    package var every: Duration?
    /// A good reading closer than this to the last one published is not published; above 0.
    package var deadband: Double?
    /// Bit number, 0 the least significant → name; each is a Boolean signal `<name>.<bit>` beside
    /// the word itself.
    package var bits: [Int: String]
}
