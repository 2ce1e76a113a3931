// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Modbus

/// The guard without any wire: thousands of reads over lines that do all that is wrong at once.
@Suite struct AnswersTests {
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

    /// What a configuration would ask: each shape at several places, one of which does not exist.
    static let plan: [Request] = devices.flatMap { device in
        device.counts.sorted { $0.key.function < $1.key.function }.flatMap { table, counts in
            counts.flatMap { count in
                [UInt16(11), 105, 1004, 2001].map {
                    Request(unit: device.unit, table: table, start: $0, count: count)
                }
            }
        }
    }

    struct Run: Sendable, CustomTestStringConvertible {
        let framing: Endpoint.Framing
        let lateness: MisbehavingLine.Lateness
        let seed: UInt64

        var testDescription: String { "\(framing), \(lateness), seed \(seed)" }
    }

    /// Those by which something was found, and a few.
    static let seeds: [UInt64] = [
        1, 2, 3, 4, 13, 26, 28, 34, 43, 51, 74, 84, 87, 94, 97, 108,
    ]

    static let runs: [Run] = [Endpoint.Framing.tcp, .rtu].flatMap { framing in
        MisbehavingLine.Lateness.allCases.flatMap { lateness in
            (framing == .tcp ? [1] : seeds).map {
                Run(framing: framing, lateness: lateness, seed: $0)
            }
        }
    }

    @Test(arguments: runs)
    func `nothing that devices do wrong yields a wrong value`(run: Run) throws {
        var dice = Dice(state: run.seed)
        var reader = Reader(run.framing == .tcp ? TCPAnswers() : RTUAnswers())
        var line = MisbehavingLine(
            run.framing, run.lateness, Self.devices, dice: Dice(state: run.seed &+ 1000),
            at: reader.now)
        var (values, refusals) = ([UInt8: Int](), [UInt8: Int]())
        for _ in 0..<2000 {
            let longest = dice.chance(2) ? 20 : 1500
            reader.now += .milliseconds(Int.random(in: 1...longest, using: &dice))
            let request = try #require(Self.plan.randomElement(using: &dice))
            switch check(&reader, request, &line, run) {
            case .values: values[request.unit, default: 0] += 1
            case .refused: refusals[request.unit, default: 0] += 1
            default: break
            }
        }
        for device in Self.devices {
            // The guard must let the right ones through.
            #expect(values[device.unit, default: 0] > 50)
            #expect(refusals[device.unit, default: 0] > 10)
        }
        line.isWell = true
        reader.now = max(reader.now, line.end)
        // Those that are deaf to clarifications may need longer.
        for request in Self.plan where request.unit < 5 {
            reader.now += .milliseconds(100)
            // Another refusal like it is in doubt, and so is that to what is to clarify it.
            var patience = Device.refuses(request.start) ? 3 : 2
            while check(&reader, request, &line, run) == .nothing {
                patience -= 1
                reader.now += Debts.longestLateness
                try #require(patience > 0, "\(run), \(request)")
            }
        }
    }

    private func check(
        _ reader: inout Reader, _ request: Request, _ line: inout MisbehavingLine, _ run: Run
    ) -> Reader.Outcome {
        line.told = []
        let began = reader.now
        let outcome = reader.read(request, over: &line)
        switch outcome {
        case .values(let data):
            #expect(line.told.contains(.init(request: request, content: data)), "\(run)")
        case .refused(let code):
            let refusal = [request.table.function | 0x80, code]
            #expect(line.told.contains(.init(request: request, content: refusal)), "\(run)")
        case .nothing: break
        case .outOfStep:
            // TCP frames out of step mean a new connection.
            reader.answers.reconnect()
            line.hangUp()
        }
        #expect(reader.questions.count <= Reader.questionLimit)
        #expect(reader.now - began <= reader.timeout)
        return outcome
    }

    /// Function 1, start 0x0303: read as an answer, three bytes of bits.
    @Test func `an echo is no answer, though it may look like one`() {
        var answers = RTUAnswers()
        let now = ContinuousClock.now
        let request = Request(unit: 1, table: .coil, start: 0x0303, count: 20)
        answers.take(answers.question(.read(request), within: .seconds(1), at: now)[...])
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
