// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import Buffer
internal import Equipment
internal import Plant

/// Interpretations of registers as people read them, within 80 columns.
enum InterpretationText {
    /// Four of them stand beside a type on a line.
    private static let widest = 13

    /// Types down, orders across; the types with something plausible first, and `*` before it.
    static func table(_ interpretations: [Interpretation]) -> [String] {
        let orders = RegisterLayout.Order.allCases.filter { order in
            interpretations.contains { $0.layout.order == order }
        }
        var types: [RegisterLayout.Encoding] = []
        for interpretation in interpretations
        where !types.contains(interpretation.layout.encoding) {
            types.append(interpretation.layout.encoding)
        }
        // By the most usual order in which it is plausible, if there is one.
        let rank = { (type: RegisterLayout.Encoding) in
            orders.firstIndex { order in
                interpretations.contains {
                    $0.layout.encoding == type && $0.layout.order == order && $0.isPlausible
                }
            } ?? orders.count
        }
        let sorted = types.enumerated()
            .sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
            .map(\.element)
        let columns = orders.map {
            ("  " + Self.title($0, of: interpretations), TextTable.Alignment.left)
        }
        var table = TextTable([("TYPE", .left)] + columns)
        for type in sorted {
            let cells = orders.map { order in
                interpretations.first { $0.layout.encoding == type && $0.layout.order == order }
                    .map { ($0.isPlausible ? "* " : "  ") + short($0) } ?? ""
            }
            table.add([type.rawValue] + cells)
        }
        return table.lines
    }

    /// One register has no order but that of its bytes.
    private static func title(
        _ order: RegisterLayout.Order, of interpretations: [Interpretation]
    ) -> String {
        guard interpretations.first?.layout.width == 1 else { return order.rawValue }
        return order == .abcd ? "AS IT IS" : "BYTES SWAPPED (\(order.rawValue))"
    }

    /// The value in a few characters; all of it is in the JSON.
    static func short(_ interpretation: Interpretation) -> String {
        guard interpretation.layout.encoding.isTime, case .text(let time) = interpretation.value
        else { return short(interpretation.value) }
        return time.count <= 10 ? time : time.prefix(10) + "…"
    }

    /// A value in a few characters.
    static func short(_ value: Value?) -> String {
        switch value {
        case nil: return "–"
        case .text(let text):
            let shown = DeviceText.printable(Array(text.utf8))
            if shown.isEmpty { return "–" }
            return shown.count <= widest - 2
                ? "\"\(shown)\"" : "\"\(shown.prefix(widest - 3))…\""
        case .boolean(let state): return "\(state)"
        case .number(let number): return short(number, exact: value?.text ?? "")
        case .integer(let whole): return short(Double(whole), exact: "\(whole)")
        case .unsigned(let whole): return short(Double(whole), exact: "\(whole)")
        }
    }

    /// Seven digits tell a float apart; a whole number is shown as it is while it fits.
    private static func short(_ number: Double, exact: String) -> String {
        let isWhole = number == number.rounded()
        if exact.count <= (isWhole ? widest : 9) { return exact }
        let float = Float(number)
        let text = float.isFinite && float != 0 ? "\(float)" : "\(number)"
        let parts = text.split(separator: "e", maxSplits: 1)
        guard text.count > widest, parts.count == 2 else { return String(text.prefix(widest)) }
        return "\(parts[0].prefix(widest - parts[1].count - 1))e\(parts[1])"
    }

    /// `0x43A6`.
    static func hex(_ word: UInt16) -> String {
        let digits = String(word, radix: 16, uppercase: true)
        return "0x" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}

extension Interpretation {
    /// `at` is the address, or the place among the words, of the first that it takes.
    func write(to json: inout JSONText, at place: Int) {
        json.member("at", place)
        json.member("registers", layout.width)
        json.member("type", layout.encoding.rawValue)
        json.member("order", layout.order.rawValue)
        json.member("value", value)
        json.member("plausible", isPlausible)
    }
}
