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

/// A line on paper: what is asked, and what comes when.
protocol PaperLine {
    typealias Instant = ContinuousClock.Instant

    mutating func ask(_ question: [UInt8], at now: Instant)
    /// What comes next, if it comes until then.
    mutating func next(until end: Instant) -> (at: Instant, bytes: [UInt8])?
}

/// Reads like `Link`, without any wire.
struct Reader {
    /// The most that one read may have to ask.
    static let questionLimit = 8

    enum Outcome: Equatable {
        case values([UInt8])
        case refused(UInt8)
        case nothing, outOfStep
    }

    var answers: any Answers
    var now = ContinuousClock.now
    let timeout: Duration
    /// Of the last read.
    private(set) var questions: [Question] = []

    init(_ answers: any Answers, timeout: Duration = .milliseconds(500)) {
        self.answers = answers
        self.timeout = timeout
    }

    mutating func read(_ request: Request, over line: inout some PaperLine) -> Outcome {
        let deadline = now + timeout
        questions = []
        guard drain(&line) else { return .outOfStep }
        while now < deadline && questions.count <= Self.questionLimit {
            switch answers.clarification(of: .read(request), at: now) {
            case .impossible: return .nothing
            case .hold(let end): listen(until: min(end, deadline), &line)
            case .ask(let other):
                guard ask(other, by: deadline, &line) != .pending else { return .nothing }
            case .unneeded:
                switch ask(.read(request), by: deadline, &line) {
                case .answer(let data): return .values(data)
                case .exception(let code): return .refused(code)
                case .doubt: break
                case .outOfStep: return .outOfStep
                case .pending, .damaged, .contradiction: return .nothing
                }
            }
            guard drain(&line) else { return .outOfStep }
        }
        return .nothing
    }

    /// What has come until now.
    private mutating func drain(_ line: inout some PaperLine) -> Bool {
        guard answers.discard(at: now) else { return false }
        while let (_, bytes) = line.next(until: now) {
            answers.take(bytes[...])
            guard answers.discard(at: now) else { return false }
        }
        return true
    }

    private mutating func listen(
        until end: ContinuousClock.Instant, _ line: inout some PaperLine
    ) {
        guard let (at, bytes) = line.next(until: end) else {
            now = end
            return
        }
        now = max(now, at)
        answers.take(bytes[...])
    }

    private mutating func ask(
        _ question: Question, by deadline: ContinuousClock.Instant, _ line: inout some PaperLine
    ) -> Verdict {
        questions.append(question)
        line.ask(answers.question(question, within: timeout, at: now), at: now)
        while true {
            let verdict = answers.verdict(at: now)
            if verdict != .pending && verdict != .damaged { return verdict }
            guard let (at, bytes) = line.next(until: deadline) else { break }
            now = max(now, at)
            answers.take(bytes[...])
        }
        now = deadline
        _ = answers.giveUp(at: now)
        return .pending
    }
}
