// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Settings

/// Binds the scale factors of a profile's signals to their registers: `{ at: 40076 }`, or the name
/// of another signal that holds the power of ten.
struct ScaleFactorReader {
    let signals: [ProfileSignal]
    /// Names of all signals, those that could not be read among them.
    let scope: RuleScope
    let maxRegisters: Int

    /// The scale factor that `field` gives `signal`; `nil` after a mistake.
    func read(_ field: Field, of signal: ProfileSignal) -> ScaleFactor? {
        guard signal.layout.encoding.kind == .number else { return nil }
        let factor: ScaleFactor?
        if case .mapping = field.node.content {
            factor = atAddress(field, of: signal)
        } else {
            factor = named(field, of: signal)
        }
        guard let factor else { return nil }
        guard !signal.addresses.contains(Int(factor.address)) else {
            field.mistake("address \(factor.address) is the value's own")
            return nil
        }
        var bound = signal
        bound.scaleFactor = factor
        guard bound.extent.count <= maxRegisters else {
            field.mistake(
                "a value and its scale factor come in one answer, and these take "
                    + "\(bound.extent.count) registers, more than \"max-registers\", "
                    + "\(maxRegisters)")
            return nil
        }
        return factor
    }

    /// The register is signed, as SunSpec's is, and its bytes lie as the value's do.
    private func atAddress(_ field: Field, of signal: ProfileSignal) -> ScaleFactor? {
        guard let section = field.section(keys: ScaleFactor.keys),
            let address = section.required("at")?.whole(in: 0...65_535)
        else { return nil }
        return ScaleFactor(
            address: UInt16(address),
            layout: RegisterLayout(encoding: .int16, order: signal.layout.order, width: 1),
            unavailable: [ScaleFactor.notImplemented])
    }

    private func named(_ field: Field, of signal: ProfileSignal) -> ScaleFactor? {
        guard let name = field.text() else { return nil }
        let places = signals.filter(Self.canBeFactor)
        guard let other = signals.first(where: { $0.name == name }) else {
            if scope.isUnread(name) { return nil }
            field.mistake(
                "there is no signal \(Field.quote(name))",
                suggestion: Suggestion.nearest(to: name, among: places.map(\.name)))
            return nil
        }
        guard Self.canBeFactor(other) else {
            field.mistake(
                "\(Field.quote(name)) is no power of ten: that is one register, a whole number "
                    + "without scale and offset")
            return nil
        }
        guard other.table == signal.table else {
            field.mistake(
                "\(Field.quote(name)) lies in the table \"\(other.table.rawValue)\", and a scale "
                    + "factor must come in the same answer")
            return nil
        }
        return ScaleFactor(
            address: other.address, layout: other.layout,
            unavailable: other.unavailable
                + (other.layout.encoding == .int16 ? [ScaleFactor.notImplemented] : []))
    }

    private static func canBeFactor(_ signal: ProfileSignal) -> Bool {
        signal.layout.width == 1 && signal.layout.encoding.rollover(width: 1) != nil
            && signal.scale == 1 && signal.offset == 0 && signal.field == nil
    }
}

extension ScaleFactor {
    static let keys = ["at"]
}
