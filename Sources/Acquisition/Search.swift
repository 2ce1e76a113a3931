// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Modbus

/// Finds out why a block is refused, by asking for parts of it.
///
/// Whatever the device refuses, it refuses in everything around it as well. So there is a smallest
/// refused run of neighbours, and two bisections find it: the shortest beginning of the block that
/// is refused, then the shortest end of that. Where the block has gaps it is split at them first.
/// What the smallest run is tells what is the matter: one value is refused itself; two that are
/// answered each alone must not be asked across the line between them; of three or more, both
/// overlapping parts are answered, so nothing in it is refused but its length. It takes about twice
/// as many requests as the number of values has binary digits. A value: it asks nobody.
struct Search: Sendable {
    enum Conclusion: Equatable, Sendable {
        case found(LearntFact.Matter)
        /// Asked again the block is answered: it was a passing refusal.
        case nothing
    }

    private enum Phase: Sendable {
        /// The first `answered` values together are answered, the first `refused` are not.
        case beginning(answered: Int, refused: Int)
        /// Of the values before `end`, those from `refused` on are refused, those from `answered`
        /// on are not.
        case end(refused: Int, answered: Int, end: Int)
        /// Whether the two values from here on are refused for their length, or for what lies
        /// between them: something as long elsewhere tells.
        case length(pair: Int, elsewhere: Range<Int>)
    }

    /// Points of the device, in the order of their addresses.
    let points: [Int]
    private let extents: [Range<Int>]
    private var phase: Phase
    /// Whether all of it together was refused once more.
    private var isConfirmed = false
    /// The length of the longest answer from this table since the search began.
    private(set) var longest = 0
    /// Those of whom it is known by now whether they are answered.
    private(set) var judged: Set<Int> = []

    /// A block of `points` that lie at `extents`, in the order of their addresses.
    init(_ points: [Int], at extents: [Range<Int>]) {
        precondition(points.count == extents.count && !points.isEmpty, "a block has values")
        self.points = points
        self.extents = extents
        phase = .beginning(answered: 0, refused: points.count)
    }

    /// Which points to ask for next, in one request.
    var trial: ArraySlice<Int> { points[part] }

    private var part: Range<Int> {
        switch phase {
        case .beginning(let answered, let refused):
            if answered == 0 { return 0..<1 }
            return 0..<(refused - answered == 1 ? refused : pivot(answered, refused))
        case .end(let refused, let answered, let end):
            // The last value alone is the one that is refused, more often than not.
            return answered == end ? end - 1..<end : pivot(refused, answered)..<end
        case .length(_, let elsewhere): return elsewhere
        }
    }

    /// Takes note of an answer of so many registers to something else in the same table.
    mutating func witness(_ count: Int) { longest = max(longest, count) }
}

extension Search {
    /// The trial was answered, or refused; returns what follows from all of them, if that is plain.
    mutating func record(isAnswered: Bool) -> Conclusion? {
        let part = part
        if isAnswered { longest = max(longest, hull(part).count) }
        if isAnswered || part.count == 1 { judged.formUnion(points[part]) }
        switch phase {
        case .beginning(let answered, let refused):
            return beginning(part.upperBound, isAnswered, answered: answered, refused: refused)
        case .end(let refused, let answered, let end):
            phase =
                isAnswered
                ? .end(refused: refused, answered: part.lowerBound, end: end)
                : .end(refused: part.lowerBound, answered: answered, end: end)
            return ended()
        case .length(let pair, _):
            return .found(isAnswered ? across(pair) : .more(than: longest))
        }
    }

    private mutating func beginning(
        _ count: Int, _ isAnswered: Bool, answered: Int, refused: Int
    ) -> Conclusion? {
        if isAnswered {
            guard count < points.count else { return .nothing }
            phase = .beginning(answered: count, refused: refused)
        } else {
            isConfirmed = true
            phase = .beginning(answered: answered, refused: count)
        }
        guard case .beginning(let answered, let refused) = phase, refused - answered == 1,
            isConfirmed
        else { return nil }
        phase = .end(refused: 0, answered: refused, end: refused)
        return refused == 1 ? .found(.value(extents[0])) : nil
    }

    /// What the smallest refused run is, once that is known.
    private mutating func ended() -> Conclusion? {
        guard case .end(let refused, let answered, let end) = phase, answered - refused == 1 else {
            return nil
        }
        if end - refused == 1 { return .found(.value(extents[refused])) }
        let count = hull(refused..<end).count
        let parts = [hull(refused..<end - 1), hull(refused + 1..<end)]
        // What was just answered under another name is no rule of the device's.
        guard parts.allSatisfy({ $0.count < count }) else { return .nothing }
        switch end - refused {
        case 2:
            guard longest < count,
                let elsewhere = run(of: count, from: end - 1, acrossGaps: false)
                    ?? run(of: count, from: end - 1, acrossGaps: true)
            else {
                return .found(across(refused))
            }
            phase = .length(pair: refused, elsewhere: elsewhere)
            return nil
        default:
            // A device that answers more than it refuses follows no rule; halves are smaller.
            return .found(
                longest < count ? .more(than: longest) : across((refused + end) / 2 - 1))
        }
    }

    private func across(_ first: Int) -> LearntFact.Matter {
        .across(extents[first + 1].lowerBound)
    }

    /// Neighbours that take at least `count` registers together; `nil` if there are none.
    private func run(of count: Int, from first: Int, acrossGaps: Bool) -> Range<Int>? {
        for start in first..<points.count {
            var end = start + 1
            while end < points.count, hull(start..<end).count < count,
                acrossGaps || !hasGap(before: end)
            {
                end += 1
            }
            if hull(start..<end).count >= count { return start..<end }
        }
        return nil
    }

    /// The addresses of these values and all that lies between them.
    private func hull(_ part: Range<Int>) -> Range<Int> {
        let end = extents[part].reduce(0) { max($0, $1.upperBound) }
        return extents[part.lowerBound].lowerBound..<end
    }

    private func hasGap(before index: Int) -> Bool {
        hull(0..<index).upperBound < extents[index].lowerBound
    }

    /// Where to split between two bounds: at a gap if there is one, as near the middle as may be.
    private func pivot(_ lower: Int, _ upper: Int) -> Int {
        let middle = (lower + upper) / 2
        return (lower + 1..<upper).filter(hasGap)
            .min { abs($0 - middle) < abs($1 - middle) } ?? middle
    }
}
