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

    /// The unit is the place, from 1 on.
    static let devices = [
        Device(
            unit: 1, ways: [], counts: [.holding: [1, 2, 3], .input: [1, 4], .coil: [3, 20]]),
        Device(unit: 2, ways: [.refusesOtherCounts], counts: [.holding: [1, 3], .input: [2]]),
        Device(unit: 3, ways: [.refusesOtherTables], counts: [.holding: [1, 4]]),
        Device(
            unit: 4, ways: [.refusesOtherCounts, .refusesOtherTables], counts: [.input: [1, 3]]),
        Device(unit: 5, ways: [.ignoresOtherTables], counts: [.holding: [1, 4]]),
        Device(
            unit: 6, ways: [.refusesOtherCounts, .ignoresOtherTables], counts: [.holding: [2, 5]]),
    ]

    /// A wire to these devices, each of whose answers is delivered now, later or never.
    struct Wire {
        let framing: Endpoint.Framing
        var dice: Dice
        var owed: [(since: ContinuousClock.Instant, bytes: [UInt8])] = []
        /// Of the last question, heard at once.
        var echo: [UInt8] = []

        mutating func ask(_ question: [UInt8], at now: ContinuousClock.Instant) {
            let heard = Heard(question, framing)
            let reply = devices[Int(heard.unit) - 1].reply(to: heard)
            switch Int.random(in: 0..<12, using: &dice) {
            case 0: break
            case 1: owed.append((now, heard.answer(Device.refusal(of: heard))))
            case 2: owed.append((now, heard.answer.map { $0 ^ 0x10 }))
            case 3: owed.append((now, heard.answer([3, 2, 9, 9], unit: heard.unit + 10)))
            default: if let reply { owed.append((now, heard.answer(reply))) }
            }
            guard framing == .rtu else { return }
            // Noise, and an echo now and then.
            if Int.random(in: 0..<8, using: &dice) == 0 { echo = question }
            if Int.random(in: 0..<8, using: &dice) == 0 { owed.append((now, [0, 1, 3])) }
        }

        /// Some of what is owed, in order; what is too old is lost.
        mutating func deliver(at now: ContinuousClock.Instant) -> [UInt8] {
            owed.removeAll { now - $0.since >= Debts.memory }
            let count = Int.random(in: 0...owed.count, using: &dice)
            defer {
                owed.removeFirst(count)
                echo = []
            }
            return echo + owed.prefix(count).flatMap(\.bytes)
        }
    }

    @Test(arguments: [Endpoint.Framing.tcp, .rtu], UInt64(1)...8)
    func `no order of late, lost, damaged and foreign answers yields a wrong value`(
        framing: Endpoint.Framing, seed: UInt64
    ) throws {
        var dice = Dice(state: seed)
        var wire = Wire(framing: framing, dice: Dice(state: seed &+ 1000))
        var reader = Reader(framing == .tcp ? TCPAnswers() : RTUAnswers())
        var now = ContinuousClock.now
        var (values, refusals) = ([UInt8: Int](), [UInt8: Int]())
        for _ in 0..<3000 {
            now += .milliseconds(Int.random(in: 1...2000, using: &dice))
            reader.answers.take(wire.deliver(at: now)[...])
            var isInStep = reader.answers.discard()
            let device = try #require(Self.devices.randomElement(using: &dice))
            let tables = device.counts.sorted { $0.key.function < $1.key.function }
            let (table, counts) = try #require(tables.randomElement(using: &dice))
            let request = Request(
                unit: device.unit, table: table, start: UInt16.random(in: 0...1000, using: &dice),
                count: try #require(counts.randomElement(using: &dice)))
            let outcome = reader.read(request, at: now) { question in
                wire.ask(question, at: now)
                return [wire.deliver(at: now), wire.deliver(at: now)]
            }
            let heard = Heard(Frame.rtu(unit: request.unit, request.message), .rtu)
            switch outcome {
            case .values(let data):
                #expect(data == Array(heard.message.dropFirst(2)))
                values[device.unit, default: 0] += 1
            case .refused(let code):
                #expect([heard.function | 0x80, code] == Device.refusal(of: heard))
                refusals[device.unit, default: 0] += 1
            case .nothing: break
            case .outOfStep: isInStep = false
            }
            #expect(reader.questions.count <= Reader.questionLimit)
            // TCP frames out of step mean a new connection.
            if !isInStep {
                reader.answers.reconnect()
                wire.owed = []
            }
        }
        for device in Self.devices {
            // The guard must let the right ones through.
            #expect(values[device.unit, default: 0] > 100)
            #expect(refusals[device.unit, default: 0] > 20)
        }
    }

    /// Function 1, start 0x0303: read as an answer, three bytes of bits.
    @Test func `an echo is no answer, though it may look like one`() {
        var answers = RTUAnswers()
        let now = ContinuousClock.now
        let request = Request(unit: 1, table: .coil, start: 0x0303, count: 20)
        answers.take(answers.question(request)[...])
        #expect(answers.verdict(at: now) == .pending)
        answers.take(Frame.rtu(unit: 1, [1, 3, 9, 8, 7])[...])
        #expect(answers.verdict(at: now) == .answer([9, 8, 7]))
    }

    @Test func `a frame's check is the specification's`() {
        // MODBUS over Serial Line V1.02, appendix B: 02 07 gives 41 12.
        #expect(Frame.rtu(unit: 2, [7]) == [2, 7, 0x41, 0x12])
        #expect(Frame.isIntact([2, 7, 0x41, 0x12]))
        #expect(!Frame.isIntact([2, 7, 0x12, 0x41]))
    }
}
