// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment
package import Modbus
internal import Plant

/// One thing that a device was found not to give, although its profile says that it does.
package struct LearntFact: Hashable, Sendable {
    /// What it does not give.
    package enum Matter: Hashable, Sendable {
        /// The value at these addresses, even when nothing else is asked for.
        case value(Range<Int>)
        /// In one answer, values that begin before this address together with values that do not.
        case across(Int)
        /// More registers than these in one answer (bits, in a table of bits).
        case more(than: Int)
    }

    /// What it does instead.
    package enum Refusal: Hashable, Sendable {
        /// It answers with this exception code: 1, 2 or 3.
        case exception(UInt8)
        /// It leaves the request unanswered, and answers others.
        case silence
    }

    /// In which table.
    package let table: Table
    /// What it does not give.
    package let matter: Matter
    /// What it does instead.
    package let refusal: Refusal
    /// When that was found out.
    package let since: Timestamp

    /// What was found out at `since`.
    package init(table: Table, matter: Matter, refusal: Refusal, since: Timestamp) {
        self.table = table
        self.matter = matter
        self.refusal = refusal
        self.since = since
    }
}

extension LearntFact.Refusal {
    /// What it makes of the signals concerned.
    var reason: Reason {
        switch self {
        case .exception(let code): .refused(exception: code)
        case .silence: .noAnswer
        }
    }
}

/// What was learnt of one device: within it, its reads are planned as if it knew of nothing else.
///
/// Nothing here is a guess about values: it only says which requests are not worth asking.
package struct Learnt: Equatable, Sendable {
    /// In the order in which they were learnt; each table has at most one `more(than:)`.
    package private(set) var facts: [LearntFact] = []

    /// What is said by `facts`.
    package init(_ facts: [LearntFact] = []) {
        for fact in facts { add(fact) }
    }

    mutating func add(_ fact: LearntFact) {
        facts.removeAll { $0.table == fact.table && $0.matter.isReplaced(by: fact.matter) }
        facts.append(fact)
    }

    mutating func remove(_ fact: LearntFact) {
        facts.removeAll { $0 == fact }
    }

    /// How the device refuses this point, if it does. What lies around a refused value is refused
    /// as well.
    func refusal(of point: Point) -> LearntFact.Refusal? {
        facts.first { fact in
            guard case .value(let extent) = fact.matter else { return false }
            return fact.table == point.source.table && point.extent.contains(extent)
        }?.refusal
    }

    /// Whether it may be asked for all of `span` at once, the last value of which begins at
    /// `lastStart`.
    func admits(_ span: Range<Int>, lastStart: Int, of table: Table) -> Bool {
        facts.allSatisfy { fact in
            guard fact.table == table else { return true }
            return switch fact.matter {
            case .value(let extent): !span.contains(extent)
            case .across(let address): address <= span.lowerBound || lastStart < address
            case .more(let limit): span.count <= limit
            }
        }
    }
}

extension LearntFact.Matter {
    fileprivate func isReplaced(by other: LearntFact.Matter) -> Bool {
        switch (self, other) {
        case (.more, .more): true
        default: self == other
        }
    }
}
