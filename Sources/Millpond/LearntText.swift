// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import Modbus

/// What a device was found not to give, in words: which registers, what it answers, what Millpond
/// does about it, and what to change in the profile.
enum LearntText {
    /// Names beyond these only make a line long.
    private static let mostNames = 5

    /// Follows the device's name; `facts` are of one kind.
    static func sentence(of facts: [LearntFact], _ signals: [String]) -> String {
        guard let first = facts.first else { return "gives all that its profile says" }
        let what = matter(of: facts, signals)
        return "\(refusal(first)) \(what); \(consequence(of: first)): \(advice(on: first))"
    }

    /// The same of one fact, where it is listed with others: without what Millpond does about it.
    static func line(of fact: LearntFact, _ signals: [String]) -> String {
        "\(refusal(fact)) \(matter(of: [fact], signals)): \(advice(on: fact))"
    }

    /// `holding 37–38 (flow, level)`, `more than 30 registers of holding in one request`.
    static func matter(of facts: [LearntFact], _ signals: [String]) -> String {
        guard let first = facts.first else { return "nothing" }
        let table = first.table.rawValue
        switch first.matter {
        case .value:
            let extents = facts.compactMap { fact -> Range<Int>? in
                if case .value(let extent) = fact.matter { extent } else { nil }
            }
            return "\(table) \(runs(of: extents)) (\(list(signals)))"
        case .across:
            let addresses = facts.compactMap { fact -> String? in
                if case .across(let address) = fact.matter { "\(address)" } else { nil }
            }
            return "\(table) from below and from \(list(addresses)) on in one request"
        case .more(let limit):
            let unit = first.table.holdsBits ? "bits" : "registers"
            return "more than \(limit) \(unit) of \(table) in one request"
        }
    }

    private static func refusal(_ fact: LearntFact) -> String {
        switch fact.refusal {
        case .exception(let code):
            "answers with exception \(code) (\(ErrorText.meaning(ofException: code))) to"
        case .silence: "leaves unanswered, while it answers others,"
        }
    }

    private static func consequence(of fact: LearntFact) -> String {
        switch fact.matter {
        case .value:
            "these signals are bad, the others are read without them, and they are asked for again "
                + "rarely"
        case .across: "it is asked in two requests from now on"
        case .more: "requests are no longer than that from now on"
        }
    }

    private static func advice(on fact: LearntFact) -> String {
        switch fact.matter {
        case .value: "compare their addresses in the profile with the device's manual"
        case .across: "a smaller max-gap in the profile, or 0, says so from the start"
        case .more(let limit): "max-registers: \(limit) in the profile says so from the start"
        }
    }

    /// Addresses that follow one another are one run.
    private static func runs(of extents: [Range<Int>]) -> String {
        var runs: [Range<Int>] = []
        for extent in extents.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = runs.last, last.upperBound >= extent.lowerBound {
                let end = max(last.upperBound, extent.upperBound)
                runs[runs.count - 1] = last.lowerBound..<end
            } else {
                runs.append(extent)
            }
        }
        return list(
            runs.map {
                $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound - 1)"
            })
    }

    private static func list(_ names: [String]) -> String {
        let rest = names.count - mostNames
        return names.prefix(mostNames).joined(separator: ", ")
            + (rest > 0 ? " and \(rest) more" : "")
    }
}
