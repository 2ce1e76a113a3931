// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Modbus
internal import Plant

extension DevicePlan {
    /// The shortest request that shows whether something is given by now that was not; `nil` where
    /// the rest of what was learnt leaves none.
    func trial(of fact: LearntFact, knowing learnt: Learnt) -> ReadPlan.Read? {
        var others = learnt
        others.remove(fact)
        switch fact.matter {
        case .value:
            return points(of: fact).first.map { read([$0]) }
        case .across:
            let pair = points(of: fact)
            guard pair.count == 2 else { return nil }
            return others.allows(read(pair), to: self) ? read(pair) : nil
        case .more(let limit):
            let candidates = reads(knowing: others)
                .filter { $0.request.table == fact.table && $0.request.count > limit }
                .flatMap { self.runs(of: $0.passengers.map(\.point), longerThan: limit) }
            // What lies in a gap may be refused for itself.
            return candidates.min { ($0.waste, $0.request.count) < ($1.waste, $1.request.count) }
        }
    }

    /// The signals that a fact is about: those of the value, or those on either side of the line.
    func names(of fact: LearntFact) -> [String] {
        points(of: fact).map { points[$0].source.name }
    }

    private func points(of fact: LearntFact) -> [Int] {
        let inTable = points.indices.filter { points[$0].source.table == fact.table }
            .sorted { points[$0].extent.lowerBound < points[$1].extent.lowerBound }
        switch fact.matter {
        case .value(let extent):
            let refused = inTable.filter { points[$0].extent.contains(extent) }
            // The very value first; what lies around it after.
            return refused.filter { points[$0].extent == extent }
                + refused.filter { points[$0].extent != extent }
        case .across(let address):
            let before = inTable.last { points[$0].extent.lowerBound < address }
            let after = inTable.first { points[$0].extent.lowerBound >= address }
            return [before, after].compactMap(\.self)
        case .more: return []
        }
    }

    /// From each value on, the fewest neighbours that take more than `limit` registers.
    private func runs(of points: [Int], longerThan limit: Int) -> [ReadPlan.Read] {
        points.indices.compactMap { start in
            (start..<points.count).lazy.map { self.read(points[start...$0]) }
                .first { $0.request.count > limit }
        }
    }
}

extension Learnt {
    fileprivate func allows(_ read: ReadPlan.Read, to plan: DevicePlan) -> Bool {
        let start = Int(read.request.start)
        let lastStart = read.passengers.map { start + $0.offset }.max() ?? start
        return admits(
            start..<start + read.request.count, lastStart: lastStart, of: read.request.table)
    }
}
