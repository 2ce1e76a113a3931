// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Modbus

/// What only a peer that lies in its TCP header, or hangs up, can do.
@Suite struct TCPGuardTests {
    /// Lies about address 100, and gives the right answer to every other question.
    private func peer(_ spoil: @escaping @Sendable (Heard) -> [UInt8]) throws -> RawPeer {
        try RawPeer { conversation in
            conversation.converse(.tcp) { heard, _ in
                heard.start == 100 ? spoil(heard) : heard.answer
            }
        }
    }

    struct Lie: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let error: ModbusError
        let keeps: Bool
        let spoil: @Sendable (Heard) -> [UInt8]

        init(
            _ name: String, _ error: ModbusError, keeps: Bool,
            _ spoil: @escaping @Sendable (Heard) -> [UInt8]
        ) {
            testDescription = name
            self.error = error
            self.keeps = keeps
            self.spoil = spoil
        }

        /// The right answer with one byte set.
        static func set(_ place: Int, _ value: UInt8) -> @Sendable (Heard) -> [UInt8] {
            { heard in
                var answer = heard.answer
                answer[place] = value
                return answer
            }
        }
    }

    static let lies = [
        Lie("protocol 0x0100", .garbled, keeps: false, Lie.set(2, 1)),
        Lie("protocol 0x0001", .garbled, keeps: false, Lie.set(3, 1)),
        Lie("length 0", .garbled, keeps: false, Lie.set(5, 0)),
        Lie("length too short", .garbled, keeps: false, Lie.set(5, 5)),
        Lie("length 0xFF07", .garbled, keeps: false, Lie.set(4, 0xFF)),
        Lie("length covers junk", .garbled, keeps: false) { $0.answer($0.message + [1, 2, 3]) },
        Lie("too few registers", .garbled, keeps: false) { $0.answer([3, 2, 0, 1]) },
        Lie("too many registers", .garbled, keeps: false) { $0.answer([3, 6, 0, 1, 0, 2, 0, 3]) },
        Lie("byte count", .garbled, keeps: false, Lie.set(8, 5)),
        Lie("another function", .garbled, keeps: false, Lie.set(7, 4)),
        Lie("another function's exception", .garbled, keeps: false) { $0.answer([0x84, 2]) },
        Lie("exception 0", .garbled, keeps: false) { $0.answer([0x83, 0]) },
        Lie("another unit", .garbled, keeps: true) { $0.answer($0.message, unit: 2) },
        Lie("number 0", .garbled, keeps: true) { $0.answer($0.message, transaction: 0xBEEF) },
        Lie("half an answer", .silent, keeps: true) { Array($0.answer.prefix(8)) },
    ]

    @Test(arguments: lies)
    func `a lie is found out and no value is wrong after it`(lie: Lie) throws {
        let peer = try peer(lie.spoil)
        var link = try connected(tcp(peer))
        // A lie is found out at once; only for silence the time has to run out.
        let timeout = lie.error == .silent ? Duration.milliseconds(100) : .seconds(2)
        #expect(throws: lie.error) { try link.holding(100, 2, within: timeout) }
        #expect(link.isConnected == lie.keeps)
        // The rest of half an answer never comes, which puts the next one out of step.
        let next = try? link.holding(200, 2)
        #expect(next == nil || next == [200, 201])
        if !link.isConnected { try link.connect(within: .seconds(2)) }
        #expect(try link.holding(300, 2) == [300, 301])
    }

    @Test func `an answer in pieces is one answer`() throws {
        let peer = try RawPeer { conversation in
            while let bytes = conversation.hear() {
                for byte in Heard(bytes, .tcp).answer { conversation.say([byte]) }
            }
        }
        var link = try connected(tcp(peer))
        for start in UInt16(0)..<5 { #expect(try link.holding(start, 2) == [start, start + 1]) }
    }

    @Test func `an answer given twice is taken once`() throws {
        let peer = try RawPeer { conversation in
            conversation.converse(.tcp) { heard, _ in heard.answer + heard.answer }
        }
        var link = try connected(tcp(peer))
        for start in UInt16(0)..<20 { #expect(try link.holding(start, 2) == [start, start + 1]) }
    }

    /// The doubles cannot be drained in time: each comes just before the next answer.
    @Test func `an answer to the question before is passed over`() throws {
        let peer = try RawPeer { conversation in
            var before: [UInt8] = []
            conversation.converse(.tcp) { heard, _ in
                defer { before = heard.answer }
                return before + heard.answer
            }
        }
        var link = try connected(tcp(peer))
        for start in UInt16(0)..<20 { #expect(try link.holding(start, 2) == [start, start + 1]) }
    }

    /// It may be the rest of a frame whose beginning completed an answer that was cut short.
    @Test func `an answer with junk after it is none`() throws {
        let peer = try peer { $0.answer + [9, 9, 9, 9, 9, 9, 9, 9] }
        var link = try connected(tcp(peer))
        #expect(throws: ModbusError.garbled) { try link.holding(100) }
        try link.connect(within: .seconds(2))
        #expect(try link.holding(200) == [200])
    }

    /// The first answer is late, the second cut short: together they are as long as one.
    @Test(arguments: 1...9)
    func `a late answer does not complete one that was cut short`(missing: Int) throws {
        let peer = try RawPeer { conversation in
            var late: [UInt8] = []
            conversation.converse(.tcp) { heard, number in
                if number == 0 { late = heard.answer }
                return number == 0 ? [] : heard.answer.dropLast(missing) + late
            }
        }
        var link = try connected(tcp(peer))
        #expect(throws: ModbusError.silent) { try link.holding(100, 8, within: .milliseconds(20)) }
        #expect(throws: ModbusError.garbled) { try link.holding(200, 8) }
        #expect(link.isConnected == false)
    }

    /// Numbers count up from 1, and small numbers are what registers hold most.
    @Test func `data that look like a number and a length are data`() throws {
        for number in UInt16(0)...5 {
            var answers = TCPAnswers()
            let words: [UInt16] = [number, 0, 8, 0, 1234, 0xFFFF, 0, number, 0, 19]
            let data = words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
            for _ in 0..<6 {
                let asked = Request(unit: 1, table: .holding, start: 0, count: words.count)
                let question = answers.question(.read(asked), within: .seconds(1), at: .now)
                answers.take(
                    Frame.tcp(
                        UInt16(question[1]), unit: 1, [3, UInt8(data.count)] + data)[...])
                #expect(answers.verdict(at: .now) == .answer(data))
            }
        }
    }

    @Test(arguments: [false, true])
    func `a peer that hangs up while idle is met again at once`(resets: Bool) async throws {
        let peer = try RawPeer { conversation in
            if let bytes = conversation.hear() { conversation.say(Heard(bytes, .tcp).answer) }
            if resets { conversation.reset() }
        }
        var link = try connected(tcp(peer))
        for start in UInt16(0)..<5 {
            #expect(try link.holding(start) == [start])
            // It is known to be idle only when the end has arrived.
            let ended = try link.seesEnd(within: .seconds(2))
            try #require(ended)
        }
    }

    @Test func `a peer that hangs up instead of answering breaks the link`() throws {
        let peer = try RawPeer { conversation in
            if let bytes = conversation.hear() {
                conversation.say(Array(Heard(bytes, .tcp).answer.prefix(9)))
            }
        }
        var link = try connected(tcp(peer))
        #expect(throws: ModbusError.broken(errno: 104)) { try link.holding(100, 2) }
        #expect(link.isConnected == false)
    }

    @Test func `a flood is not drained for ever`() throws {
        let peer = try RawPeer { conversation in
            let late = Frame.tcp(0, unit: 1, [3, 2, 0, 1])
            let flood = Array(repeating: late, count: 300).flatMap { $0 }
            while (try? conversation.wire.send(flood, by: .now + .seconds(1))) != nil {}
        }
        var link = try connected(tcp(peer))
        #expect(throws: ModbusError.self) { try link.holding(100, within: .milliseconds(100)) }
    }
}
