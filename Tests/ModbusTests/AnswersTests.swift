// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Modbus

/// The guard without any wire: a device that answers in order, but when it likes.
@Suite struct AnswersTests {
    /// SplitMix64: the same run for the same seed.
    struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }
    }

    /// A wire to several devices, each of whose answers is delivered now, later or never.
    struct Wire {
        let framing: Endpoint.Framing
        var dice: Dice
        var owed: [(since: ContinuousClock.Instant, bytes: [UInt8])] = []

        mutating func ask(_ question: [UInt8], at now: ContinuousClock.Instant) {
            let heard = Heard(question, framing)
            switch Int.random(in: 0..<12, using: &dice) {
            case 0: break
            case 1: owed.append((now, heard.answer([0x83, 4])))
            case 2: owed.append((now, heard.answer.map { $0 ^ 0x10 }))
            case 3: owed.append((now, heard.answer([3, 2, 9, 9], unit: heard.unit + 10)))
            default: owed.append((now, heard.answer))
            }
            guard framing == .rtu else { return }
            // Noise, and an echo now and then.
            if Int.random(in: 0..<8, using: &dice) == 0 { owed.insert((now, question), at: 0) }
            if Int.random(in: 0..<8, using: &dice) == 0 { owed.append((now, [0, 1, 3])) }
        }

        /// Some of what is owed, in order; what is too old is lost.
        mutating func deliver(at now: ContinuousClock.Instant) -> [UInt8] {
            owed.removeAll { now - $0.since >= RTUAnswers.memory }
            let count = Int.random(in: 0...owed.count, using: &dice)
            defer { owed.removeFirst(count) }
            return owed.prefix(count).flatMap(\.bytes)
        }
    }

    @Test(arguments: [Endpoint.Framing.tcp, .rtu], UInt64(1)...8)
    func `no order of late, lost, damaged and foreign answers yields a wrong value`(
        framing: Endpoint.Framing, seed: UInt64
    ) {
        var dice = Dice(state: seed)
        var wire = Wire(framing: framing, dice: Dice(state: seed &+ 1000))
        var answers: any Answers = framing == .tcp ? TCPAnswers() : RTUAnswers()
        var now = ContinuousClock.now
        var right = 0

        /// Nil when there was no answer; TCP frames out of step mean a new connection.
        func ask(_ request: Request) -> [UInt8]? {
            wire.ask(answers.question(request), at: now)
            for _ in 0..<2 {
                answers.take(wire.deliver(at: now)[...])
                switch answers.verdict() {
                case .answer(let data): return data
                case .exception: return []
                case .contradiction: return nil
                case .outOfStep:
                    answers.reconnect()
                    wire.owed = []
                    return nil
                case .pending: continue
                }
            }
            _ = answers.giveUp(at: now)
            return nil
        }

        for _ in 0..<1000 {
            now += .milliseconds(Int.random(in: 1...2000, using: &dice))
            answers.take(wire.deliver(at: now)[...])
            if !answers.discard() {
                answers.reconnect()
                wire.owed = []
            }
            let request = Request(
                unit: UInt8.random(in: 1...3, using: &dice), table: .holding,
                start: UInt16.random(in: 0...1000, using: &dice),
                count: Int.random(in: 1...3, using: &dice))
            switch answers.clarification(of: request, at: now) {
            case .unneeded: break
            case .impossible: continue
            case .ask(let other): guard ask(other) != nil else { continue }
            }
            guard let data = ask(request), !data.isEmpty else { continue }
            let expected = (0..<request.count).flatMap {
                Frame.bytes(request.start + UInt16($0))
            }
            #expect(data == expected)
            right += 1
        }
        #expect(right > 100, "the guard must let the right ones through")
    }

    @Test func `a debt is forgotten in the end`() {
        var answers = RTUAnswers()
        let request = Request(unit: 1, table: .holding, start: 0, count: 2)
        let now = ContinuousClock.now
        _ = answers.question(request)
        #expect(answers.giveUp(at: now) == .nothing)
        let other = Request(unit: 1, table: .holding, start: 0, count: 1)
        #expect(answers.clarification(of: request, at: now) == .ask(other))
        #expect(answers.clarification(of: request, at: now + RTUAnswers.memory) == .unneeded)
    }

    /// The refusal may be the late answer to the first question: then the second is still owed.
    @Test func `a refusal settles no debt`() {
        var answers = RTUAnswers()
        let now = ContinuousClock.now
        let three = Request(unit: 1, table: .holding, start: 0, count: 3)
        let two = Request(unit: 1, table: .holding, start: 0, count: 2)
        let one = Request(unit: 1, table: .holding, start: 0, count: 1)
        _ = answers.question(three)
        _ = answers.giveUp(at: now)
        #expect(answers.clarification(of: three, at: now) == .ask(two))
        _ = answers.question(two)
        answers.take(Frame.rtu(unit: 1, [0x83, 6])[...])
        #expect(answers.verdict() == .exception(6))
        #expect(answers.clarification(of: two, at: now) == .ask(one))
        // An answer of a shape that nobody owes settles them all.
        _ = answers.question(one)
        answers.take(Frame.rtu(unit: 1, [3, 2, 0, 7])[...])
        #expect(answers.verdict() == .answer([0, 7]))
        #expect(answers.clarification(of: three, at: now) == .unneeded)
        #expect(answers.clarification(of: two, at: now) == .unneeded)
    }

    @Test func `clarifying never leaves the address space or asks an owed shape`() {
        var answers = RTUAnswers()
        let now = ContinuousClock.now
        let last = Request(unit: 1, table: .holding, start: 65_535, count: 1)
        _ = answers.question(last)
        _ = answers.giveUp(at: now)
        #expect(answers.clarification(of: last, at: now) == .impossible)

        let bits = Request(unit: 1, table: .coil, start: 0, count: 16)
        _ = answers.question(bits)
        _ = answers.giveUp(at: now)
        // One byte instead of two.
        let fewer = Request(unit: 1, table: .coil, start: 0, count: 8)
        #expect(answers.clarification(of: bits, at: now) == .ask(fewer))
    }

    @Test func `a frame's check is the specification's`() {
        // MODBUS over Serial Line V1.02, appendix B: 02 07 gives 41 12.
        #expect(Frame.rtu(unit: 2, [7]) == [2, 7, 0x41, 0x12])
        #expect(Frame.isIntact([2, 7, 0x41, 0x12]))
        #expect(!Frame.isIntact([2, 7, 0x12, 0x41]))
    }
}
