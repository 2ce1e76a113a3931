// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Modbus

/// Bytes from nowhere: the guard never traps, holds no more than its bounds, and accepts nothing
/// but frames that are whole.
@Suite struct FuzzTests {
    struct Run: Sendable, CustomTestStringConvertible {
        let framing: Endpoint.Framing
        let seed: UInt64

        var testDescription: String { "\(framing), seed \(seed)" }
    }

    static let runs = [Endpoint.Framing.tcp, .rtu].flatMap { framing in
        (1...2).map { Run(framing: framing, seed: $0) }
    }

    static let questions: [Question] =
        Table.allCases.flatMap { table in
            [1, 8, 17, table.limit].map {
                .read(Request(unit: 1, table: table, start: 0x0303, count: $0))
            }
        } + [
            .serverID(unit: 1), .identification(unit: 1, code: 1, object: 0),
            .identification(unit: 1, code: 2, object: 3),
        ]

    @Test(arguments: runs)
    func `no bytes make the guard trap`(run: Run) throws {
        var dice = Dice(state: run.seed)
        var answers: any Answers = run.framing == .tcp ? TCPAnswers() : RTUAnswers()
        var now = ContinuousClock.now
        var verdicts = 0
        for _ in 0..<1500 {
            now += .milliseconds(Int.random(in: 0...400, using: &dice))
            let question = try #require(Self.questions.randomElement(using: &dice))
            _ = answers.clarification(of: question, at: now)
            let sent = answers.question(question, within: .milliseconds(500), at: now)
            for _ in 0..<Int.random(in: 1...4, using: &dice) {
                answers.take(spoilt(sent, question, run.framing, &dice)[...])
                switch answers.verdict(at: now) {
                case .answer(let content):
                    verdicts += 1
                    if case .read(let request) = question {
                        #expect(content.count == request.answerSize)
                    }
                case .exception(let code): #expect(code != 0)
                case .outOfStep: answers.reconnect()
                default: break
                }
            }
            _ = answers.giveUp(at: now)
            if !answers.discard(at: now) { answers.reconnect() }
        }
        // It got past the guard now and then, so that it reached what lies behind.
        #expect(verdicts > 50)
    }

    /// An answer, nearly: cut, prolonged, with other bytes in it, or none at all.
    private func spoilt(
        _ sent: [UInt8], _ question: Question, _ framing: Endpoint.Framing, _ dice: inout Dice
    ) -> [UInt8] {
        let content =
            switch question {
            case .read(let request): [UInt8](repeating: dice.byte(), count: request.answerSize)
            case .serverID, .identification: dice.bytes(upTo: 250)
            }
        var message = [question.function, UInt8(content.count)] + content
        if case .identification(_, let code, let object) = question {
            message =
                [43, 14, code, 1, 0, 0, 1, object, UInt8(min(content.count, 240))]
                + content.prefix(240)
        }
        if dice.chance(4) { message = [question.function | 0x80, dice.byte()] }
        if dice.chance(4) { message[Int.random(in: 0..<message.count, using: &dice)] = dice.byte() }
        var frame =
            framing == .tcp
            ? Frame.tcp(UInt16(sent[0]) << 8 | UInt16(sent[1]), unit: 1, message)
            : Frame.rtu(unit: 1, message)
        if dice.chance(4) { frame[Int.random(in: 0..<frame.count, using: &dice)] = dice.byte() }
        if dice.chance(4) { frame = Array(frame.prefix(Int.random(in: 0...260, using: &dice))) }
        if dice.chance(4) { frame = dice.bytes(upTo: 300) }
        return dice.chance(4) ? dice.bytes(upTo: 4) + frame : frame
    }
}
