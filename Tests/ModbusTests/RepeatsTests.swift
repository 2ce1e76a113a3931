// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Modbus

/// Answers that come more than once, without any wire.
@Suite struct RepeatsTests {
    private var answers = RTUAnswers()
    private var now = ContinuousClock.now
    private let first = Frame.rtu(unit: 1, [3, 2, 0, 1])
    private let second = Frame.rtu(unit: 1, [3, 2, 0, 2])

    private mutating func ask(_ start: UInt16) {
        let request = Request(unit: 1, table: .holding, start: start, count: 1)
        _ = answers.discard(at: now)
        #expect(answers.clarification(of: .read(request), at: now) == .unneeded)
        _ = answers.question(.read(request), within: .seconds(1), at: now)
    }

    private mutating func hear(_ frame: [UInt8], after delay: Duration) -> Verdict {
        now += delay
        answers.take(frame[...])
        return answers.verdict(at: now)
    }

    /// Each time that the first question was asked twice there are two copies on their way.
    @Test mutating func `no copy passes for an answer, however many come`() {
        ask(10)
        #expect(hear(first, after: .milliseconds(1)) == .answer([0, 1]))
        answers.take(first[...])
        ask(20)
        #expect(hear(first, after: .milliseconds(1)) == .pending)
        #expect(hear(first, after: Repeats.delay / 2) == .pending)
        #expect(hear(first + second, after: Repeats.delay / 2) == .answer([0, 2]))
        ask(30)
    }

    @Test mutating func `an answer that is equal by chance is one, once no copy can come`() {
        ask(10)
        #expect(hear(first, after: .milliseconds(1)) == .answer([0, 1]))
        answers.take(first[...])
        ask(20)
        #expect(hear(second, after: .milliseconds(1)) == .answer([0, 2]))
        now += Repeats.delay
        ask(10)
        #expect(hear(first, after: .milliseconds(1)) == .answer([0, 1]))
    }

    /// The machine stood still: when a frame is looked at says nothing of when it came.
    @Test mutating func `a copy is no answer because it is looked at late`() {
        ask(10)
        #expect(hear(first, after: .milliseconds(1)) == .answer([0, 1]))
        answers.take(first[...])
        ask(10)
        #expect(hear(first + second, after: .seconds(1)) == .answer([0, 2]))
    }

    @Test mutating func `equal answers of a unit that does not repeat itself cost a question`() {
        ask(10)
        #expect(hear(first, after: .milliseconds(1)) == .answer([0, 1]))
        ask(20)
        #expect(hear(first, after: .milliseconds(1)) == .doubt)
        ask(20)
        #expect(hear(first, after: .milliseconds(1)) == .answer([0, 1]))
        ask(30)
    }

    /// Either may have been the answer to the first time that it was asked.
    @Test mutating func `what was asked twice and answered once is owed`() {
        ask(10)
        #expect(hear(first, after: .milliseconds(1)) == .answer([0, 1]))
        ask(20)
        #expect(hear(first, after: .milliseconds(1)) == .doubt)
        ask(20)
        #expect(hear(second, after: .milliseconds(1)) == .answer([0, 2]))
        let request = Request(unit: 1, table: .holding, start: 30, count: 1)
        #expect(answers.clarification(of: .read(request), at: now) != .unneeded)
    }
}
