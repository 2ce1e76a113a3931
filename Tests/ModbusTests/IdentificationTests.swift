// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Modbus

/// Who a unit is: functions 43/14 and 17.
@Suite struct IdentificationTests {
    private static let framings = [Endpoint.Framing.tcp, .rtu]

    /// A unit whose objects need several answers, each with at most so many.
    private struct Unit: Sendable {
        var objects: [(number: UInt8, text: String)] = [
            (0, "Acme"), (1, "D-100"), (2, "1.4"), (4, "Drive 100"), (5, "D"), (6, "Press 1"),
        ]
        var conformity: UInt8 = 0x82
        var atOnce = 2
        /// Which requests it refuses.
        var refuses: Set<UInt8> = []

        func answer(_ code: UInt8, from first: UInt8) -> [UInt8] {
            if refuses.contains(code) { return [0xAB, 3] }
            let known = objects.filter { code > 1 || $0.number < 3 }
            let left =
                known.contains { $0.number == first } ? known.filter { $0.number >= first } : known
            let next = left.dropFirst(atOnce).first?.number
            let told = left.prefix(atOnce)
            return [43, 14, code, conformity, next == nil ? 0 : 0xFF, next ?? 0, UInt8(told.count)]
                + told.flatMap { [$0.number, UInt8($0.text.utf8.count)] + Array($0.text.utf8) }
        }
    }

    private static func peer(
        _ framing: Endpoint.Framing, _ reply: @escaping @Sendable (Asked) -> [UInt8]
    ) throws -> (RawPeer, Endpoint) {
        let peer = try RawPeer { conversation in
            while let bytes = conversation.hear() {
                let asked = Asked(bytes, framing)
                conversation.say(asked.frame(reply(asked)))
            }
        }
        return (peer, framing == .tcp ? tcp(peer) : rtu(peer))
    }

    struct Asked {
        let head: [UInt8]
        let unit: UInt8
        let message: [UInt8]
        let framing: Endpoint.Framing

        init(_ bytes: [UInt8], _ framing: Endpoint.Framing) {
            self.framing = framing
            head = framing == .tcp ? Array(bytes.prefix(2)) : []
            unit = framing == .tcp ? bytes[6] : bytes[0]
            message = framing == .tcp ? Array(bytes.dropFirst(7)) : bytes.dropFirst().dropLast(2)
        }

        func frame(_ message: [UInt8]) -> [UInt8] {
            switch framing {
            case .tcp: Frame.tcp(UInt16(head[0]) << 8 | UInt16(head[1]), unit: unit, message)
            case .rtu: Frame.rtu(unit: unit, message)
            }
        }
    }

    @Test(arguments: framings)
    func `all objects are asked for, however many answers they take`(
        framing: Endpoint.Framing
    ) throws {
        for atOnce in 1...7 {
            let unit = Unit(atOnce: atOnce)
            let (peer, endpoint) = try Self.peer(framing) {
                unit.answer($0.message[2], from: $0.message[3])
            }
            var link = try connected(endpoint)
            let found = try link.identification(of: 17, within: .seconds(2))
            #expect(
                found.objects
                    == Dictionary(uniqueKeysWithValues: unit.objects.map { ($0, Array($1.utf8)) }))
            withExtendedLifetime(peer) {}
        }
    }

    @Test(arguments: framings)
    func `a unit that knows only the basic objects is asked for no more`(
        framing: Endpoint.Framing
    ) throws {
        for unit in [Unit(conformity: 1), Unit(conformity: 2, refuses: [2])] {
            let (peer, endpoint) = try Self.peer(framing) {
                unit.answer($0.message[2], from: $0.message[3])
            }
            var link = try connected(endpoint)
            let found = try link.identification(of: 1, within: .seconds(2))
            #expect(Set(found.objects.keys) == [0, 1, 2])
            withExtendedLifetime(peer) {}
        }
    }

    @Test(arguments: framings)
    func `a server's id is what libmodbus reads, too`(framing: Endpoint.Framing) throws {
        for id in [[], [0xFF], Array("Acme D-100".utf8) + [0xFF, 0, 1]] as [[UInt8]] {
            let (peer, endpoint) = try Self.peer(framing) {
                $0.message == [17] ? [17, UInt8(id.count)] + id : [$0.message[0] | 0x80, 1]
            }
            var link = try connected(endpoint)
            #expect(try link.serverID(of: 1, within: .seconds(2)) == id)
            #expect(throws: ModbusError.refused(exception: 1)) {
                try link.identification(of: 1, within: .seconds(2))
            }
            #expect(try link.serverID(of: 255, within: .seconds(2)) == id)
            withExtendedLifetime(peer) {}
        }
    }

    struct Lie: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let message: [UInt8]
    }

    static let lies = [
        Lie(testDescription: "another type", message: [43, 13, 1, 1, 0, 0, 0]),
        Lie(testDescription: "another code", message: [43, 14, 2, 1, 0, 0, 0]),
        Lie(testDescription: "conformity 0", message: [43, 14, 1, 0, 0, 0, 0]),
        Lie(testDescription: "conformity 4", message: [43, 14, 1, 4, 0, 0, 0]),
        Lie(testDescription: "more, a little", message: [43, 14, 1, 1, 1, 1, 1, 0, 1, 65]),
        Lie(testDescription: "more, but nothing", message: [43, 14, 1, 1, 0xFF, 1, 0]),
        Lie(testDescription: "more of the same", message: [43, 14, 1, 1, 0xFF, 0, 1, 0, 1, 65]),
        Lie(testDescription: "another first object", message: [43, 14, 1, 1, 0, 0, 1, 3, 1, 65]),
        Lie(
            testDescription: "objects in disorder",
            message: [43, 14, 1, 1, 0, 0, 3, 0, 0, 2, 0, 1, 0]),
        Lie(testDescription: "one object twice", message: [43, 14, 1, 1, 0, 0, 2, 0, 0, 0, 0]),
        Lie(testDescription: "fewer objects", message: [43, 14, 1, 1, 0, 0, 2, 0, 1, 65]),
        Lie(testDescription: "an object too long", message: [43, 14, 1, 1, 0, 0, 1, 0, 9, 65]),
        Lie(testDescription: "only the head", message: [43, 14, 1]),
    ]

    @Test(arguments: framings, lies)
    func `a lie about objects is garbled`(framing: Endpoint.Framing, lie: Lie) throws {
        let (peer, endpoint) = try Self.peer(framing) { _ in lie.message }
        var link = try connected(endpoint)
        #expect(throws: ModbusError.garbled) {
            try link.identification(of: 1, within: .milliseconds(200))
        }
        withExtendedLifetime(peer) {}
    }

    /// It must end, and be consistent where it succeeds.
    @Test(arguments: UInt64(1)...2)
    func `no bytes make the parser trap`(seed: UInt64) {
        var dice = Dice(state: seed)
        let right = Unit(atOnce: 6).answer(2, from: 0)
        for _ in 0..<5000 {
            var message = dice.chance(2) ? right : dice.bytes(upTo: 40)
            if !message.isEmpty, dice.chance(2) {
                message[Int.random(in: 0..<message.count, using: &dice)] = dice.byte()
            }
            if dice.chance(4) { message = Array(message.prefix(dice.bytes(upTo: 40).count)) }
            if dice.chance(4) { message += dice.bytes(upTo: 3) }
            let answer = IdentificationAnswer(Array(message.dropFirst()), to: .regular, from: 0)
            guard let answer else { continue }
            let size = answer.objects.values.reduce(7) { $0 + 2 + $1.count }
            #expect(size == max(message.count, 1), "seed \(seed)")
            #expect((answer.next ?? 255) > (answer.objects.keys.max() ?? 0) || answer.next == nil)
        }
    }
}

extension Dice {
    mutating func byte() -> UInt8 { UInt8.random(in: 0...255, using: &self) }

    mutating func bytes(upTo count: Int) -> [UInt8] {
        (0..<Int.random(in: 0...count, using: &self)).map { _ in byte() }
    }
}
