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
    /// In the order of the file, each using only what stands above it.
    package var derived: [DerivedSignal] = []
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
    /// When a good reading is worth a record.
    package var publishing: Publishing
    /// Bit number, 0 the least significant → name; each is a Boolean signal `<name>.<bit>` beside
    /// the word itself.
    package var bits: [Int: String]
    /// Some bits are the raw number instead of all; `nil`: all.
    package var field: BitField?
    /// The power of ten that stands in another register; value = raw × 10ⁿ × scale + offset.
    package var scaleFactor: ScaleFactor?
    /// What it counts up to, if it counts.
    package var counter: Counter?
    /// Its device changes its registers one by one: a value whose higher registers have changed is
    /// read again, until two answers in a row agree in them.
    package var isConfirmed = false
    /// `Z` or `+hh:mm`, written behind a date-time of the device's clock; empty if nobody knows it.
    package var utcOffset = ""
}

extension Profile {
    /// All names that a reading can have: signals with their bits, then what is derived of them.
    package var names: [String] { signals.flatMap(\.names) + derived.map(\.name) }
}

extension ProfileSignal {
    /// Its own name and those of its bits, by number.
    package var names: [String] {
        [name] + bits.sorted { $0.key < $1.key }.map { "\(name).\($0.value)" }
    }

    /// The wire addresses that its value takes.
    package var addresses: Range<Int> {
        Int(address)..<Int(address) + layout.width
    }

    /// The wire addresses that one answer must hold for the value to be whole: its own, its scale
    /// factor's, and what lies between them.
    package var extent: Range<Int> {
        guard let factor = scaleFactor.map({ Int($0.address) }) else { return addresses }
        return min(addresses.lowerBound, factor)..<max(addresses.upperBound, factor + 1)
    }

    /// The wire addresses that it is made of.
    package var sources: [Int] {
        Array(addresses) + (scaleFactor.map { [Int($0.address)] } ?? [])
    }
}
