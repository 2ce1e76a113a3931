// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

extension Condition {
    /// The condition as it stands now, with what an operator reads of it.
    package var snapshot: ConditionSnapshot {
        ConditionSnapshot(
            condition: rule.condition, component: rule.component, state: state, since: since,
            status: status, text: text, action: rule.action)
    }

    /// One line: `winding-hot: 123.4 Cel, above limit 120 Cel since 2026-11-20T01:03:53.004Z`.
    package var text: String {
        "\(rule.condition): \(measured)\(judgement)"
    }

    private var measured: String {
        if let reason { return "no value (\(reason.word))" }
        return number.map(inUnit) ?? "no value"
    }

    private var judgement: String {
        var words = ""
        switch state {
        case .pending, .active:
            let watch = [critical, plain].first(where: \.isActive) ?? exceededWatch
            if let limit = watch.exceeded, let since = watch.since {
                let name = limit.isCritical ? "critical limit" : "limit"
                let side = limit.isHigh ? "above" : "below"
                words = ", \(side) \(name) \(inUnit(limit.value)) since \(since.time.rfc3339)"
            }
        case .clearing:
            words = ", back since \(since.rfc3339), clears after \(rule.offDelay)"
        case .inactive, .unknown:
            let limits = rule.limits.plain + rule.limits.critical
            words =
                ", "
                + limits.map { "\($0.kind.rawValue) \(inUnit($0.value))" }
                .joined(separator: ", ")
        }
        guard let name = rule.gate else { return words }
        switch gate {
        case .open: return words
        case .closed: return "\(words); not judged while \(name) is false"
        case .unknown: return "\(words); not judged, \(name) is not known"
        }
    }

    private var exceededWatch: LimitWatch { critical.isPending ? critical : plain }

    private func inUnit(_ number: Double) -> String {
        unit.map { "\(number.plain) \($0)" } ?? number.plain
    }
}

extension Double {
    /// With at most six significant digits and no exponent for everyday sizes: `123.4`, `120`.
    var plain: String {
        guard isFinite, self != 0, (1e-6..<1e15).contains(magnitude) else {
            return self == 0 ? "0" : description
        }
        var scale = 1.0
        while magnitude * scale < 100_000, scale < 1e9 { scale *= 10 }
        let text = ((self * scale).rounded() / scale).description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
