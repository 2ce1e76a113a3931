// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

// What to ask.
extension Debts {
    /// What has to be before `request` is asked.
    ///
    /// A clarification never asks for more than `request` does, which the device might not have:
    /// for a few of the same registers at first. If they were refused, or there are no fewer, it
    /// is for one of another table, where a refusal is not mistaken for one by this table.
    mutating func clarification(of request: Request, at now: Instant) -> Clarification {
        open.removeAll { $0.at + Self.memory <= now }
        passed = passed.filter { end(of: $0.debt) + (end(of: $0.debt) - $0.debt.at) > now }
        let held = passed.map(\.debt).filter { end(of: $0) > now }
        let shape = Shape(request)
        guard let owed = open.lastIndex(where: { $0.shape == shape }) else {
            return held.first { $0.shape == shape }.map { .hold(until: end(of: $0)) } ?? .unneeded
        }
        let candidates = (fewer(than: request, since: owed) + others(than: request, since: owed))
            .filter { candidate in !held.contains { $0.shape == Shape(candidate) } }
        let fresh = candidates.first {
            index($0.table == request.table ? .data : .refusal, to: Shape($0)) == nil
        }
        guard open[owed].at + Self.deafness <= now else {
            let fewest = candidates.first.flatMap { $0.table == request.table ? $0 : nil }
            return (fewest ?? fresh ?? candidates.first).map { .ask(.read($0)) } ?? .impossible
        }
        // Perhaps it is deaf to those that it owes. If it is to all, nothing but time is left.
        if let fresh { return .ask(.read(fresh)) }
        open.removeAll { $0.shape.unit == shape.unit && $0.at + Self.deafness <= now }
        return .unneeded
    }

    /// The fewest first: on a slow line they cost little of the time that `request` has.
    private func fewer(than request: Request, since owed: Int) -> [Request] {
        let isRefused = open.contains {
            $0.isDoubtful && $0.shape.fits(.refusal, to: Shape(request))
        }
        guard !isRefused else { return [] }
        return (1..<request.count).lazy
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
}
