// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Modbus

/// A dump of frames, taken through the guard once more: what it makes of them, and what it made of
/// them when they came.
struct Replay {
    /// How a read ended, then and now, in the words of the dump.
    struct Ending: Equatable {
        let live: String
        let again: String
        /// The data of the answer now.
        let data: [UInt8]

        var isSame: Bool {
            // A connection that broke left no answer, and its error is not in the bytes.
            live.hasPrefix("broken") ? again != "answer" : live == again
        }
    }

    private(set) var endings: [Ending] = []
    private var answers: any Answers
    private let framing: Endpoint.Framing
    /// Unit and message of what is asked, and for how long; nil where the dump does not begin with
    /// it.
    private var wanted: (message: [UInt8], timeout: Duration)?
    /// Whether what was sent last is that, and not a clarification.
    private var isWanted = false
    private var isAsking = false
    private var again = "no-answer"
    private var data: [UInt8] = []

    /// Replays a dump, with its head or without.
    init(_ dump: String, framing: Endpoint.Framing) throws {
        self.framing = framing
        answers = framing == .tcp ? TCPAnswers() : RTUAnswers()
        let start = ContinuousClock.now
        let lines = dump.split(separator: "\n").map { $0.split(separator: " ") }
        // The oldest entries are overwritten: what is left may begin within an exchange, even one
        // that opened the link anew. Only what begins with its question is known whole.
        for line in lines.drop(while: { $0.count < 2 || $0[1] != "?" }) {
            let at = start + .seconds(try #require(Self.seconds(line[0])))
            let bytes = line.dropFirst(2).compactMap { UInt8($0, radix: 16) }
            switch line[1] {
            case "+": answers.reconnect()
            case "?":
                let time = try #require(Int(line[line.count - 2]))
                wanted = (Array(bytes.prefix(line.count - 5)), .milliseconds(time))
            case ">": try ask(bytes, at: at)
            case "<": hear(bytes, at: at)
            case "=": end(line.dropFirst(2).joined(separator: " "), at: at)
            default: break
            }
        }
    }

    private mutating func ask(_ bytes: [UInt8], at now: ContinuousClock.Instant) throws {
        if isAsking { giveUp(at: now) }
        _ = answers.discard(at: now)
        let question = try self.question(bytes)
        let timeout = wanted?.timeout ?? .seconds(1)
        // The numbers of a long conversation begin somewhere.
        var sent = answers.question(question, within: timeout, at: now)
        for _ in 0..<65_536 where sent != bytes {
            sent = answers.question(question, within: timeout, at: now)
        }
        #expect(sent == bytes, "the question is what was sent")
        isAsking = true
        isWanted = wanted?.message == [question.unit] + question.message
        if isWanted { (again, data) = ("no-answer", []) }
    }

    private func question(_ bytes: [UInt8]) throws -> Question {
        var indications = Indications(framing)
        let indication = try #require(indications.take(bytes)?.first)
        switch try indication.question.get() {
        case .read(let request): return .read(request)
        case .serverID: return .serverID(unit: indication.unit)
        case .identification(let code, let object):
            return .identification(unit: indication.unit, code: code, object: object)
        }
    }

    private mutating func hear(_ bytes: [UInt8], at now: ContinuousClock.Instant) {
        answers.take(bytes[...])
        guard isAsking else {
            _ = answers.discard(at: now)
            return
        }
        let verdict = answers.verdict(at: now)
        switch verdict {
        case .pending, .damaged: return
        case .answer(let data) where isWanted: (again, self.data) = ("answer", data)
        case .exception(let code) where isWanted: again = "exception \(code)"
        case .contradiction, .outOfStep: again = "garbled"
        case .answer, .exception, .doubt: break
        }
        isAsking = false
    }

    private mutating func end(_ live: String, at now: ContinuousClock.Instant) {
        if isAsking { giveUp(at: now) }
        endings.append(Ending(live: live, again: again, data: data))
        (again, data, wanted) = ("no-answer", [], nil)
    }

    private mutating func giveUp(at now: ContinuousClock.Instant) {
        if answers.giveUp(at: now) == .strangers { again = "garbled" }
        isAsking = false
    }

    /// Of the day: `2026-11-20T01:04:03.120456Z`.
    private static func seconds(_ time: Substring) -> Double? {
        let parts = time.split(separator: "T").last?.dropLast().split(separator: ":")
            .compactMap { Double($0) }
        guard let parts, parts.count == 3 else { return nil }
        return parts[0] * 3600 + parts[1] * 60 + parts[2]
    }
}

extension FlightRecorder {
    /// The dump as a gateway would make it, without its head.
    var dump: String {
        let now = ContinuousClock.now
        return text(at: now) { age in
            let microseconds = 42_359_000_000 - Int(age / .microseconds(1))
            let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
            let fraction = String("\(1_000_000 + rest)".dropFirst())
            return "2026-11-20T\(seconds / 3600):\(seconds / 60 % 60):\(seconds % 60).\(fraction)Z"
        }
    }
}
