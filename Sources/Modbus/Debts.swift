// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What the units of an RTU line may still answer late, and what to ask so that it is known.
///
/// An RTU frame has no number. Data tells its unit, function and size, which is the shape of
/// its question; a refusal tells its unit and function. But a device answers in order: an answer
/// is that to the oldest open question of its unit that it fits, or to a younger one, so it
/// settles that oldest one and whatever is older still. It is certainly the last question's own
/// if it fits no other.
///
/// So no question is asked while its shape is owed: its data would not be known from late data.
/// It is clarified first, by a question whose answer settles it; other units are not delayed.
struct Debts {
    /// Answers later than this are no longer reckoned with: gateways give up a unit within
    /// seconds. A device that is deaf to clarifications is asked plainly again after this time.
    static let memory = Duration.seconds(10)
    /// The tables by how likely a device knows them, and answers at all.
    private static let familiar = [Table.holding, .input, .coil, .discrete]

    enum Answer { case data, refusal }

    private struct Shape: Equatable {
        let unit: UInt8
        let function: UInt8
        let size: Int

        init(_ request: Request) {
            unit = request.unit
            function = request.table.function
            size = request.answerSize
        }

        func fits(_ answer: Answer, to other: Shape) -> Bool {
            self == other || answer == .refusal && unit == other.unit && function == other.function
        }
    }

    /// All questions of a shape, at the place of the first of them.
    private struct Debt {
        let shape: Shape
        var times = 0
        var end: ContinuousClock.Instant
        /// Whether one of them was refused, or so it seemed.
        var isDoubtful = false
    }

    /// The oldest first.
    private var debts: [Debt] = []

    /// Whether anything of `unit` may come late.
    func isOwed(by unit: UInt8) -> Bool { debts.contains { $0.shape.unit == unit } }

    /// `request` stays unanswered, as far as is known at `now`.
    mutating func add(_ request: Request, at now: ContinuousClock.Instant) {
        let shape = Shape(request)
        let end = now + Self.memory
        let index = debts.firstIndex { $0.shape == shape } ?? debts.endIndex
        if index == debts.endIndex { debts.append(Debt(shape: shape, end: end)) }
        debts[index].times += 1
        debts[index].end = end
    }

    /// Takes into account what looks like the answer to `request`, the last question; says
    /// whether it can only be that.
    mutating func settle(
        by answer: Answer, to request: Request, at now: ContinuousClock.Instant
    ) -> Bool {
        add(request, at: now)
        let shape = Shape(request)
        guard let oldest = index(answer, to: shape) else { return false }
        let isOwn = debts[oldest].shape == shape && debts[oldest].times == 1
        debts[oldest].times -= 1
        debts = debts.enumerated()
            .filter { index, debt in
                debt.shape.unit != shape.unit || index >= oldest && debt.times > 0
            }
            .map(\.element)
        if answer == .refusal, let left = index(.data, to: shape) { debts[left].isDoubtful = true }
        return isOwn
    }

    /// A question to ask before `request`, whose answer settles the shape of `request`.
    ///
    /// It never asks for more than `request` does, which the device might not have: for a few of
    /// the same registers at first. If they were refused, or there are no fewer, it is for one of
    /// another table, where a refusal is not mistaken for one by this table.
    mutating func clarification(
        of request: Request, at now: ContinuousClock.Instant
    ) -> Clarification {
        debts.removeAll { $0.end <= now }
        let shape = Shape(request)
        guard let owed = index(.data, to: shape) else { return .unneeded }
        let isDoubtful = debts.contains { $0.isDoubtful && $0.shape.fits(.refusal, to: shape) }
        let fewer = isDoubtful ? nil : fewer(than: request, since: owed)
        return (fewer ?? other(than: request, since: owed)).map { .ask($0) } ?? .impossible
    }

    /// The fewest first: on a slow line they cost little of the time that `request` has.
    private func fewer(than request: Request, since owed: Int) -> Request? {
        (1..<request.count).lazy
            .map { request.asking(request.table, count: $0) }
            .first { index(.data, to: Shape($0)) ?? .max > owed }
    }

    /// One that nobody owes, if there is such: the device may be deaf to the others.
    private func other(than request: Request, since owed: Int) -> Request? {
        let others = Self.familiar
            .map { request.asking($0, count: 1) }
            .filter { index(.refusal, to: Shape($0)) ?? .max > owed }
        return others.first { index(.refusal, to: Shape($0)) == nil } ?? others.first
    }

    /// The oldest debt that such an answer fits.
    private func index(_ answer: Answer, to shape: Shape) -> Int? {
        debts.firstIndex { $0.shape.fits(answer, to: shape) }
    }
}

extension Request {
    fileprivate func asking(_ table: Table, count: Int) -> Request {
        Request(unit: unit, table: table, start: start, count: count)
    }
}
