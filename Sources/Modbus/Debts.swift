// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What the units of an RTU line may still answer late, and what to do so that it is known.
///
/// An RTU frame has no number. Data tells its unit, function and size, which is the shape of
/// its question; a refusal tells its unit and function. So no question is asked while its shape
/// is owed: its data would not be known from late data. A debt is settled
///
/// - by the late frame itself; or
/// - by order and by time. A device answers in order: an answer is that to the oldest open
///   question of its unit that it fits, or to a younger one, so that oldest one and whatever is
///   older still has been passed over. It is clarified, by a question whose answer passes over
///   the debt. And because some answer out of order, what was passed over is held against its
///   shape for a time, too: twice the timeout, and longer if the unit was seen to be later.
///   Is it later still, it is remembered.
///
/// Other units are not delayed by either.
struct Debts {
    typealias Instant = ContinuousClock.Instant

    /// Answers later than this are not reckoned with.
    static let memory = Duration.seconds(60)
    /// A unit deaf to every clarification is asked plainly again after this time: gateways give
    /// up a unit within seconds.
    static let deafness = Duration.seconds(10)
    /// A unit that is out of order by more is not waited for, or its shapes would never be asked.
    static let longestLateness = Duration.seconds(3)
    /// What is passed over is held at least so long: on a fast line the timeout says little
    /// about what a gateway holds back.
    static let shortestHold = Duration.milliseconds(500)
    /// The tables by how likely a device knows them, and answers at all.
    static let familiar = [Table.holding, .input, .coil, .discrete]

    /// Open debts on a line: more than a line can be asked in `deafness`, but for tiny timeouts.
    private static let limit = 256
    /// A unit that is deaf to some counts of registers hardly waits for another.
    static let triesOfFewer = 2

    enum Answer { case data, refusal }

    struct Shape: Hashable {
        let unit: UInt8
        let function: UInt8
        let size: Int

        func fits(_ answer: Answer, to other: Shape) -> Bool {
            self == other || answer == .refusal && unit == other.unit && function == other.function
        }
    }

    /// A question that went out, and how long it was given.
    struct Asking {
        let request: Request
        let at: Instant
        let timeout: Duration
    }

    struct Debt {
        let shape: Shape
        var at: Instant
        var timeout: Duration
        /// Whether it was refused, or so it seemed.
        var isDoubtful = false
    }

    /// Debts of a shape, at the time of the last.
    struct Passed {
        var debt: Debt
        var times = 1
    }

    /// What may be answered in order, the oldest first; at most `limit`.
    var open: [Debt] = []
    /// What was passed over; at most one of a shape. It is kept for longer than it is held, to know
    /// one that comes nevertheless.
    var passed: [Passed] = []
    /// How late each unit came out of order.
    private var lateness: [UInt8: Duration] = [:]

    /// Whether anything of `unit` may come late.
    func isOwed(by unit: UInt8) -> Bool { all.contains { $0.shape.unit == unit } }

    /// Whether such an answer may come late.
    func isOwed(_ answer: Answer, of shape: Shape) -> Bool {
        all.contains { $0.shape.fits(answer, to: shape) }
    }

    private var all: [Debt] { open + passed.map(\.debt) }

    /// A question stays unanswered, as far as is known.
    mutating func add(_ asking: Asking) {
        let shape = Shape(asking.request)
        if open.count == Self.limit { hold(open.removeFirst()) }
        open.append(Debt(shape: shape, at: asking.at, timeout: asking.timeout))
    }

    /// What was on its way through another connection comes at once, if at all.
    mutating func reconnect() {
        for index in open.indices { open[index].timeout = .zero }
        for index in passed.indices { passed[index].debt.timeout = .zero }
    }

    /// Whether a refusal to the last question may be a late one, out of order.
    func mayBeLate(refusal asking: Asking) -> Bool {
        passed.contains { late in
            late.debt.shape.fits(.refusal, to: Shape(asking.request))
                && end(of: late.debt) > asking.at
        }
    }

    /// Takes into account what looks like the answer to the last question; says whether, in
    /// order, it can only be that.
    mutating func settle(by answer: Answer, to asking: Asking) -> Bool {
        let shape = Shape(asking.request)
        let oldest = index(answer, to: shape)
        add(asking)
        let own = open.endIndex - 1
        guard let oldest else {
            passOver(through: own)
            return true
        }
        if answer == .refusal {
            // It may be the oldest's, which then is no longer open, or not.
            if open[oldest].shape != shape { hold(open[oldest]) }
            open[own].isDoubtful = true
        }
        passOver(through: oldest)
        return false
    }

    /// Takes into account an answer that came when no question was open that it fits, at
    /// `arrival` or later; returns the debt that it settles, if it can only be that one's.
    @discardableResult
    mutating func hear(_ answer: Answer, of shape: Shape, at arrival: Instant) -> Debt? {
        let fits = { (debt: Debt) in debt.shape.fits(answer, to: shape) }
        // A refusal is only known if there is but one that it can be.
        let count =
            open.count(where: fits) + passed.reduce(0) { $0 + (fits($1.debt) ? $1.times : 0) }
        if answer == .refusal && count != 1 { return nil }
        if let late = passed.firstIndex(where: { fits($0.debt) }) {
            let lateness = min(arrival - passed[late].debt.at, Self.longestLateness)
            self.lateness[shape.unit] = max(self.lateness[shape.unit] ?? .zero, lateness)
            passed[late].times -= 1
            let debt = passed[late].debt
            passed.removeAll { $0.times == 0 }
            return debt
        }
        guard let late = open.firstIndex(where: fits) else { return nil }
        let debt = open[late]
        passOver(through: late)
        return debt
    }

    /// The open debt at `index` is settled: what is older will come out of order, if at all.
    private mutating func passOver(through index: Int) {
        let unit = open[index].shape.unit
        for debt in open[..<index] where debt.shape.unit == unit { hold(debt) }
        let others = open[..<index].filter { $0.shape.unit != unit }
        open.replaceSubrange(...index, with: others)
    }

    private mutating func hold(_ debt: Debt) {
        guard let index = passed.firstIndex(where: { $0.debt.shape == debt.shape }) else {
            passed.append(Passed(debt: debt))
            return
        }
        passed[index].times += 1
        passed[index].debt.at = max(passed[index].debt.at, debt.at)
        passed[index].debt.timeout = max(passed[index].debt.timeout, debt.timeout)
        passed[index].debt.isDoubtful = passed[index].debt.isDoubtful || debt.isDoubtful
    }

    /// Until when what was passed over is held.
    func end(of debt: Debt) -> Instant {
        let late = lateness[debt.shape.unit].map { $0 + debt.timeout } ?? .zero
        return debt.at + max(Self.hold(after: debt.timeout), late)
    }

    /// Until when what was passed over is known: what comes of its shape and answers nothing tells,
    /// even where it was taken for the answer itself and what is too many is that, how late the unit
    /// is.
    func forgotten(_ debt: Debt) -> Instant {
        let end = end(of: debt)
        return max(end + (end - debt.at), debt.at + Self.longestLateness + debt.timeout)
    }

    /// How long what was given `timeout` is held at least, once it was passed over.
    static func hold(after timeout: Duration) -> Duration { max(shortestHold, timeout * 2) }

    /// The oldest open debt that such an answer fits.
    func index(_ answer: Answer, to shape: Shape) -> Int? {
        open.firstIndex { $0.shape.fits(answer, to: shape) }
    }
}
