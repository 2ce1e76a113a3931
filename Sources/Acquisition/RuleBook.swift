// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Plant

/// Gathers the rules of many signals, most of which are the same.
struct RuleBook {
    private(set) var rules: [Publishing] = []
    private(set) var ruleOfSignal: [Int32] = []
    private var known: [Publishing: Int32] = [:]

    /// Adds the rule of the next signal, which is polled so often.
    ///
    /// A poll within half a period is as near to the time when silence ends as the next one.
    mutating func add(_ publishing: Publishing, period: Duration) {
        var rule = publishing
        rule.atLeastEvery = publishing.atLeastEvery.map { $0 - period / 2 }
        let index = known[rule] ?? Int32(rules.count)
        if index == rules.count {
            known[rule] = index
            rules.append(rule)
        }
        ruleOfSignal.append(index)
    }
}
