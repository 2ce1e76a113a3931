// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Modbus

/// What is asked after a silence on RTU, and what the answers prove.
@Suite struct DebtsTests {
    private static func holding(_ count: Int) -> Request { asking(.holding, count) }

    private static func asking(_ table: Table, _ count: Int, at start: UInt16 = 1) -> Request {
        Request(unit: 1, table: table, start: start, count: count)
    }

    private static func asked(_ request: Request, _ now: ContinuousClock.Instant) -> Debts.Asking {
        Debts.Asking(request: request, at: now, timeout: .milliseconds(500))
    }

    struct Plan: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let request: Request
        let clarifications: [Request]
        /// When it has been deaf to those for long.
        var late: [Request] = []
    }

    static let plans = [
        Plan(
            testDescription: "one register", request: holding(1),
            clarifications: [holding(2), holding(2)], late: [holding(3)]),
        Plan(
            testDescription: "three registers", request: holding(3),
            clarifications: [holding(1), holding(1)],
            late: [holding(2)]),
        Plan(
            testDescription: "the last register", request: asking(.input, 1, at: 65_535),
            clarifications: [Table.holding, .coil, .discrete].map { asking($0, 1, at: 65_535) }),
        Plan(
            testDescription: "eight coils, one byte like a single one", request: asking(.coil, 8),
            clarifications: [asking(.coil, 9), asking(.coil, 9)], late: [asking(.coil, 17)]),
        Plan(
            testDescription: "nine coils, two bytes", request: asking(.coil, 9),
            clarifications: [asking(.coil, 1), asking(.coil, 1)]),
    ]

    /// Nothing answers at all.
    @Test(arguments: plans)
    func `clarifications while a unit is silent, until it counts as deaf`(plan: Plan) {
        var debts = Debts()
        let now = ContinuousClock.now
        #expect(debts.clarification(of: plan.request, at: now) == .unneeded)
        debts.add(Self.asked(plan.request, now))
        for clarification in plan.clarifications {
            #expect(debts.clarification(of: plan.request, at: now) == .ask(.read(clarification)))
            debts.add(Self.asked(clarification, now))
        }
        let later = now + Debts.deafness
        for clarification in plan.late {
            #expect(
                debts.clarification(of: plan.request, at: later) == .ask(.read(clarification)))
            debts.add(Self.asked(clarification, later))
        }
        #expect(debts.clarification(of: plan.request, at: later) == .unneeded)
    }

    @Test func `a refusal settles what it may answer and leaves its own`() {
        var debts = Debts()
        let now = ContinuousClock.now
        let held = Clarification.hold(until: now + .seconds(1))
        debts.add(Self.asked(Self.holding(3), now))
        #expect(debts.settle(by: .refusal, to: Self.asked(Self.holding(1), now)) == false)
        #expect(debts.clarification(of: Self.holding(3), at: now) == held)
        let other = Clarification.ask(.read(Self.asking(.input, 1)))
        #expect(debts.clarification(of: Self.holding(1), at: now) == other)
        // The same once more: no fewer are asked for again, which has led nowhere.
        #expect(debts.settle(by: .refusal, to: Self.asked(Self.holding(3), now)) == false)
        #expect(debts.clarification(of: Self.holding(3), at: now) == other)
        // No doubt about a table of which nothing is owed: that passes over all.
        #expect(debts.settle(by: .refusal, to: Self.asked(Self.asking(.input, 1), now)) == true)
        #expect(debts.clarification(of: Self.holding(3), at: now) == held)
        #expect(debts.isOwed(by: 1))
        let later = now + .seconds(1)
        #expect(debts.clarification(of: Self.holding(3), at: later) == .unneeded)
        #expect(debts.settle(by: .refusal, to: Self.asked(Self.holding(3), later)) == true)
    }

    @Test func `while others are held, a refusal may be late`() {
        var debts = Debts()
        let now = ContinuousClock.now
        let asking = Self.asked(Self.holding(1), now)
        debts.add(Self.asked(Self.holding(3), now))
        #expect(debts.settle(by: .data, to: Self.asked(Self.asking(.input, 1), now)) == true)
        #expect(debts.mayBeLate(refusal: asking) == true)
        #expect(debts.mayBeLate(refusal: Self.asked(Self.asking(.coil, 1), now)) == false)
        #expect(debts.mayBeLate(refusal: Self.asked(Self.holding(1), now + .seconds(1))) == false)
        #expect(debts.settle(by: .refusal, to: asking) == true)
    }

    @Test func `of several that are owed, a refusal settles the oldest`() {
        var debts = Debts()
        let now = ContinuousClock.now
        let held = Clarification.hold(until: now + .seconds(1))
        for count in [3, 2] { debts.add(Self.asked(Self.holding(count), now)) }
        #expect(debts.settle(by: .refusal, to: Self.asked(Self.holding(4), now)) == false)
        #expect(debts.clarification(of: Self.holding(3), at: now) == held)
        #expect(debts.clarification(of: Self.holding(2), at: now) != .unneeded)
        #expect(debts.clarification(of: Self.holding(4), at: now) != .unneeded)
    }

    /// The answer may be that to the first of the two.
    @Test func `a clarification asked twice passes over what is older and stays owed`() {
        var debts = Debts()
        let now = ContinuousClock.now
        for request in [Self.holding(3), Self.holding(1), Self.holding(4)] {
            debts.add(Self.asked(request, now))
        }
        #expect(debts.settle(by: .data, to: Self.asked(Self.holding(1), now)) == false)
        let held = Clarification.hold(until: now + .seconds(1))
        #expect(debts.clarification(of: Self.holding(3), at: now) == held)
        #expect(debts.clarification(of: Self.holding(1), at: now) != held)
        #expect(debts.clarification(of: Self.holding(4), at: now) != held)
    }

    @Test func `what is asked again may be answered for as long again`() {
        var debts = Debts()
        let now = ContinuousClock.now
        let later = now + Debts.memory / 2
        for time in [now, later] { debts.add(Self.asked(Self.holding(1), time)) }
        #expect(debts.clarification(of: Self.holding(1), at: now + Debts.memory) != .unneeded)
        #expect(debts.clarification(of: Self.holding(1), at: later + Debts.memory) == .unneeded)
    }

    /// What was asked before `request` could be answered before it.
    @Test func `a clarification is younger than what it clarifies`() {
        var debts = Debts()
        let now = ContinuousClock.now
        for request in [Self.holding(1), Self.asking(.input, 7), Self.holding(3)] {
            debts.add(Self.asked(request, now))
        }
        func clarification(_ count: Int) -> Clarification {
            debts.clarification(of: Self.holding(count), at: now)
        }
        #expect(clarification(3) == .ask(.read(Self.holding(2))))
        #expect(clarification(1) == .ask(.read(Self.holding(2))))
        for table in [Table.coil, .discrete] {
            debts.add(Self.asked(Self.asking(table, 9), now))
        }
        debts.add(Self.asked(Self.holding(2), now))
        #expect(clarification(2) == .ask(.read(Self.holding(4))))
    }

    /// The late frame itself is the best proof; only as much of it is awaited as was asked for.
    @Test func `what comes late is owed no more`() {
        var debts = Debts()
        let now = ContinuousClock.now
        let shape = Debts.Shape(Self.holding(3))
        for _ in 0..<2 { debts.add(Self.asked(Self.holding(3), now)) }
        debts.hear(.data, of: shape, at: now + .seconds(3))
        #expect(debts.clarification(of: Self.holding(3), at: now) != .unneeded)
        debts.hear(.data, of: shape, at: now + .seconds(3))
        #expect(debts.clarification(of: Self.holding(3), at: now) == .unneeded)
    }

    @Test func `how late a unit is out of order is learnt`() {
        var debts = Debts()
        let now = ContinuousClock.now
        for (late, hold) in [(2, 1000), (1, 2500), (60, 2500), (0, 3500)] {
            debts.add(Self.asked(Self.holding(3), now))
            #expect(debts.settle(by: .data, to: Self.asked(Self.holding(1), now)) == true)
            let end = now + .milliseconds(hold)
            #expect(debts.clarification(of: Self.holding(3), at: now) == .hold(until: end))
            #expect(debts.clarification(of: Self.holding(3), at: end) == .unneeded)
            debts.hear(.data, of: Debts.Shape(Self.holding(3)), at: now + .seconds(late))
            #expect(debts.clarification(of: Self.holding(3), at: now) == .unneeded)
        }
    }

    @Test func `what one unit owes concerns no other`() {
        var debts = Debts()
        let now = ContinuousClock.now
        debts.add(Self.asked(Self.holding(1), now))
        let other = Request(unit: 2, table: .holding, start: 1, count: 1)
        #expect(debts.clarification(of: other, at: now) == .unneeded)
        #expect(debts.settle(by: .refusal, to: Self.asked(other, now)) == true)
        #expect(debts.isOwed(by: 1))
    }

    /// A late frame that comes just after the next question is taken for its answer; that answer
    /// then is one too many, and tells how late the unit is. From then on that is waited for.
    @Test func `an answer too many is known as late, long after its shape was held`() throws {
        var debts = Debts()
        let (start, first) = (ContinuousClock.now, Self.holding(3))
        let clarification = Self.holding(1)
        func overtake(at now: ContinuousClock.Instant) {
            debts.add(Self.asked(first, now))
            let isClear = debts.settle(by: .data, to: Self.asked(clarification, now + .seconds(1)))
            #expect(isClear)
        }
        let lateness = Duration.seconds(2)
        overtake(at: start)
        #expect(debts.clarification(of: first, at: start + lateness) == .unneeded)
        let shape = Debts.Shape(first)
        let settled = debts.hear(.data, of: shape, at: start + lateness)
        #expect(settled?.at == start)
        let again = start + .seconds(20)
        overtake(at: again)
        #expect(
            debts.clarification(of: first, at: again + lateness)
                == .hold(until: again + lateness + .milliseconds(500)))
    }
}
