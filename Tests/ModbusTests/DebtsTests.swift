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

    struct Plan: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let request: Request
        let clarifications: [Request]
    }

    static let plans = [
        Plan(
            testDescription: "one register", request: holding(1),
            clarifications: [
                asking(.input, 1), asking(.coil, 1), asking(.discrete, 1), asking(.input, 1),
            ]),
        Plan(
            testDescription: "three registers", request: holding(3),
            clarifications: [holding(1), holding(1)]),
        Plan(
            testDescription: "the last register", request: asking(.input, 1, at: 65_535),
            clarifications: [Table.holding, .coil, .discrete].map { asking($0, 1, at: 65_535) }),
        Plan(
            testDescription: "eight coils, one byte like a single one", request: asking(.coil, 8),
            clarifications: [asking(.holding, 1), asking(.input, 1), asking(.discrete, 1)]),
        Plan(
            testDescription: "nine coils, two bytes", request: asking(.coil, 9),
            clarifications: [asking(.coil, 1), asking(.coil, 1)]),
    ]

    /// Nothing answers at all.
    @Test(arguments: plans)
    func `clarifications while a unit is silent, until all is forgotten`(plan: Plan) {
        var debts = Debts()
        let now = ContinuousClock.now
        #expect(debts.clarification(of: plan.request, at: now) == .unneeded)
        debts.add(plan.request, at: now)
        for clarification in plan.clarifications {
            #expect(debts.clarification(of: plan.request, at: now) == .ask(clarification))
            debts.add(clarification, at: now)
        }
        #expect(debts.clarification(of: plan.request, at: now + Debts.memory) == .unneeded)
    }

    @Test func `a refusal settles what it may answer and leaves its own`() {
        var debts = Debts()
        let now = ContinuousClock.now
        debts.add(Self.holding(3), at: now)
        #expect(debts.settle(by: .refusal, to: Self.holding(1), at: now) == false)
        #expect(debts.clarification(of: Self.holding(3), at: now) == .unneeded)
        #expect(debts.clarification(of: Self.holding(1), at: now) == .ask(Self.asking(.input, 1)))
        // The same once more: no fewer are asked for again, which has led nowhere.
        #expect(debts.settle(by: .refusal, to: Self.holding(3), at: now) == false)
        #expect(debts.clarification(of: Self.holding(1), at: now) == .unneeded)
        #expect(debts.clarification(of: Self.holding(3), at: now) == .ask(Self.asking(.input, 1)))
        // No doubt about a table of which nothing is owed: that settles all.
        #expect(debts.settle(by: .refusal, to: Self.asking(.input, 1), at: now) == true)
        #expect(!debts.isOwed(by: 1))
        #expect(debts.settle(by: .refusal, to: Self.holding(3), at: now) == true)
    }

    @Test func `of several that are owed, a refusal settles the oldest`() {
        var debts = Debts()
        let now = ContinuousClock.now
        for count in [3, 2] { debts.add(Self.holding(count), at: now) }
        #expect(debts.settle(by: .refusal, to: Self.holding(4), at: now) == false)
        #expect(debts.clarification(of: Self.holding(3), at: now) == .unneeded)
        #expect(debts.clarification(of: Self.holding(2), at: now) != .unneeded)
        #expect(debts.clarification(of: Self.holding(4), at: now) != .unneeded)
    }

    /// The answer may be that to the first of the two.
    @Test func `a clarification asked twice settles what is older and stays owed`() {
        var debts = Debts()
        let now = ContinuousClock.now
        for request in [Self.holding(3), Self.holding(1), Self.holding(4)] {
            debts.add(request, at: now)
        }
        #expect(debts.settle(by: .data, to: Self.holding(1), at: now) == false)
        #expect(debts.clarification(of: Self.holding(3), at: now) == .unneeded)
        #expect(debts.clarification(of: Self.holding(1), at: now) != .unneeded)
        #expect(debts.clarification(of: Self.holding(4), at: now) != .unneeded)
    }

    @Test func `what is asked again may be answered for as long again`() {
        var debts = Debts()
        let now = ContinuousClock.now
        let later = now + Debts.memory / 2
        for time in [now, later] { debts.add(Self.holding(1), at: time) }
        #expect(debts.clarification(of: Self.holding(1), at: now + Debts.memory) != .unneeded)
        #expect(debts.clarification(of: Self.holding(1), at: later + Debts.memory) == .unneeded)
    }

    /// What was asked before `request` could be answered before it.
    @Test func `a clarification is younger than what it clarifies`() {
        var debts = Debts()
        let now = ContinuousClock.now
        for request in [Self.holding(1), Self.asking(.input, 7), Self.holding(3)] {
            debts.add(request, at: now)
        }
        #expect(debts.clarification(of: Self.holding(3), at: now) == .ask(Self.holding(2)))
        #expect(debts.clarification(of: Self.holding(1), at: now) == .ask(Self.asking(.coil, 1)))
        for table in [Table.coil, .discrete] { debts.add(Self.asking(table, 9), at: now) }
        debts.add(Self.holding(2), at: now)
        #expect(debts.clarification(of: Self.holding(2), at: now) == .impossible)
    }

    @Test func `a doubt is remembered from when it arose`() {
        var debts = Debts()
        let now = ContinuousClock.now
        debts.add(Self.holding(3), at: now)
        let later = now + Debts.memory / 2
        #expect(debts.settle(by: .refusal, to: Self.holding(1), at: later) == false)
        #expect(debts.clarification(of: Self.holding(1), at: now + Debts.memory) != .unneeded)
        #expect(debts.clarification(of: Self.holding(1), at: later + Debts.memory) == .unneeded)
    }

    @Test func `what one unit owes concerns no other`() {
        var debts = Debts()
        let now = ContinuousClock.now
        debts.add(Self.holding(1), at: now)
        let other = Request(unit: 2, table: .holding, start: 1, count: 1)
        #expect(debts.clarification(of: other, at: now) == .unneeded)
        #expect(debts.settle(by: .refusal, to: other, at: now) == true)
        #expect(debts.isOwed(by: 1))
    }
}
