// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

@testable import Modbus

/// A unit with its ways. Its refusals tell by their code which question they answer.
struct Device: Sendable {
    enum Way: CaseIterable { case refusesOtherCounts, refusesOtherTables, ignoresOtherTables }

    /// Starts that are multiples of this do not exist, in any table.
    private static let hole: UInt16 = 5

    let unit: UInt8
    let ways: Set<Way>
    /// Which tables it has, and in which counts it wants to be asked.
    let counts: [Table: [Int]]

    /// Function or refusal, and data or code; nil if it does not answer such a question.
    func reply(to heard: Heard) -> [UInt8]? {
        let counts = counts.first { $0.key.function == heard.function }?.value
        if counts == nil && ways.contains(.ignoresOtherTables) { return nil }
        let isOther =
            counts == nil && ways.contains(.refusesOtherTables)
            || counts?.contains(heard.count) == false && ways.contains(.refusesOtherCounts)
        guard isOther || heard.start.isMultiple(of: Self.hole) else { return heard.message }
        return Self.refusal(of: heard)
    }

    static func refuses(_ start: UInt16) -> Bool { start.isMultiple(of: hole) }

    static func refusal(of heard: Heard) -> [UInt8] {
        [heard.function | 0x80, code(heard.function, heard.start, heard.count)]
    }

    static func code(_ function: UInt8, _ start: UInt16, _ count: Int) -> UInt8 {
        let mixed = 31 * Int(start) + 7 * count + 101 * Int(function)
        return UInt8(1 + mixed % 255)
    }
}

/// Reads like `Link`, without any wire.
struct Reader {
    /// The most that one read may have to ask.
    static let questionLimit = 5

    enum Outcome: Equatable {
        case values([UInt8])
        case refused(UInt8)
        case nothing, outOfStep
    }

    var answers: any Answers
    /// Of the last read.
    private(set) var questions: [Request] = []

    init(_ answers: any Answers) { self.answers = answers }

    /// `carry` takes a question and returns what is heard until the deadline, in pieces.
    mutating func read(
        _ request: Request, at now: ContinuousClock.Instant, _ carry: ([UInt8]) -> [[UInt8]]
    ) -> Outcome {
        questions = []
        while questions.count <= Self.questionLimit {
            switch answers.clarification(of: request, at: now) {
            case .impossible: return .nothing
            case .unneeded:
                switch ask(request, at: now, carry) {
                case .answer(let data): return .values(data)
                case .exception(let code): return .refused(code)
                case .doubt: break
                case .outOfStep: return .outOfStep
                case .pending, .contradiction: return .nothing
                }
            case .ask(let other):
                guard ask(other, at: now, carry) != .pending else { return .nothing }
            }
            _ = answers.discard()
        }
        return .nothing
    }

    private mutating func ask(
        _ request: Request, at now: ContinuousClock.Instant, _ carry: ([UInt8]) -> [[UInt8]]
    ) -> Verdict {
        questions.append(request)
        for bytes in carry(answers.question(request)) {
            answers.take(bytes[...])
            let verdict = answers.verdict(at: now)
            if verdict != .pending { return verdict }
        }
        _ = answers.giveUp(at: now)
        return .pending
    }
}
