// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment
package import Plant

/// One way to read some registers: a type and an order, and what the words then say.
package struct Interpretation: Hashable, Sendable {
    /// The type, the order, and how many words it takes.
    package let layout: RegisterLayout
    /// What polling would publish, before any scale; `nil` if the words are no value of the type.
    package let value: Value?
    /// Whether a device that measures something is likely to hold this (`Plausibility`).
    package let isPlausible: Bool

    /// What `words` say in this layout, which takes exactly so many.
    init(_ layout: RegisterLayout, of words: ArraySlice<UInt16>) {
        self.layout = layout
        value = layout.raw(of: words).value
        isPlausible = value.map { Plausibility.holds($0, in: layout, from: words) } ?? false
    }

    /// Every type and order that takes exactly these words, in the order of the types.
    ///
    /// One register has two orders, its bytes as they came and swapped; a Boolean has none.
    package static func all(of words: ArraySlice<UInt16>) -> [Interpretation] {
        RegisterLayout.all(taking: words.count).map { Interpretation($0, of: words) }
    }
}

extension RegisterLayout {
    /// Reads the type out of `words`, which are exactly `width` registers.
    func raw(of words: ArraySlice<UInt16>) -> Raw {
        raw(of: words.span, bits: bits(of: words.span) ?? 0)
    }

    /// Every type and order of exactly `width` registers.
    static func all(taking width: Int) -> [RegisterLayout] {
        Encoding.allCases.filter { encoding in
            (encoding.widths ?? encoding.width...encoding.width).contains(width)
        }
        .flatMap { encoding in
            orders(of: encoding, width).map {
                RegisterLayout(encoding: encoding, order: $0, width: width)
            }
        }
    }

    private static func orders(of encoding: Encoding, _ width: Int) -> [Order] {
        if encoding == .bool { return [.abcd] }
        return width == 1 ? [.abcd, .badc] : Order.allCases
    }
}

extension RegisterLayout.Raw {
    /// As a reading would have it; `nil` for nonsense.
    var value: Value? {
        switch self {
        case .signed(let whole): Value(exactly: whole)
        case .unsigned(let whole): Value(exactly: whole)
        case .real(let real): .number(real)
        case .boolean(let state): .boolean(state)
        case .text(let text): .text(text)
        case .invalid, .nonsense: nil
        }
    }
}
