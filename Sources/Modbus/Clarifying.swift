// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

// What to ask.
extension Debts {
    /// What has to be before `request` is asked.
    ///
    /// A clarification is for a few of the same registers at first, and for one more than one: some
    /// units are silent to a table that they lack, none to a count. That may be more than a profile's
    /// `max-registers`, once: a refusal tells as much. If they were refused it is for
    /// one of another table, where a refusal is not mistaken for one by this table.
    mutating func clarification(of request: Request, at now: Instant) -> Clarification {
        open.removeAll { $0.at + Self.memory <= now }
        passed = passed.filter { forgotten($0.debt) > now }
        let held = passed.map(\.debt).filter { end(of: $0) > now }
        let shape = Shape(request)
        guard let owed = open.lastIndex(where: { $0.shape == shape }) else {
            return held.first { $0.shape == shape }.map { .hold(until: end(of: $0)) } ?? .unneeded
        }
        let candidates = (alike(request, since: owed) + others(than: request, since: owed))
            .filter { candidate in !held.contains { $0.shape == Shape(candidate) } }
        let fresh = candidates.first {
            index($0.table == request.table ? .data : .refusal, to: Shape($0)) == nil
        }
        guard open[owed].at + Self.deafness <= now else {
            let fewest = candidates.first.flatMap { $0.table == request.table ? $0 : nil }
            return (fewest ?? fresh ?? candidates.first).map { .ask(.read($0)) } ?? .impossible
        }
        // Perhaps it is deaf to those that it owes. If it may be to all, nothing but time is left.
        if let fresh, fresh.table == request.table || isRefused(request) {
            return .ask(.read(fresh))
        }
        open.removeAll { $0.shape.unit == shape.unit && $0.at + Self.deafness <= now }
        return .unneeded
    }

    private func isRefused(_ request: Request) -> Bool {
        open.contains { $0.isDoubtful && $0.shape.fits(.refusal, to: Shape(request)) }
    }

    /// The fewest first: on a slow line they cost little of the time that `request` has.
    private func alike(_ request: Request, since owed: Int) -> [Request] {
        guard !isRefused(request) else { return [] }
        return (Array(1..<request.count) + request.longer).lazy
            .map { request.asking(request.table, count: $0) }
            .filter { index(.data, to: Shape($0)) ?? .max > owed }
            .prefix(Self.triesOfFewer)
            .map(\.self)
    }

    private func others(than request: Request, since owed: Int) -> [Request] {
        Self.familiar
            .map { request.asking($0, count: 1) }
            .filter { index(.refusal, to: Shape($0)) ?? .max > owed }
    }
}

extension Debts.Shape {
    /// Of what answers `request`.
    init(_ request: Request) {
        self.init(
            unit: request.unit, function: request.table.function, size: request.answerSize)
    }
}

extension Request {
    fileprivate func asking(_ table: Table, count: Int) -> Request {
        Request(unit: unit, table: table, start: start, count: count)
    }

    /// The next counts that can be told from its own by the size of their answers.
    fileprivate var longer: [Int] {
        let step = table.holdsBits ? 8 : 1
        let end = min(table.limit, 1 << 16 - Int(start))
        return (1...4).map { ((count - 1) / step + $0) * step + 1 }.filter { $0 <= end }
    }
}
