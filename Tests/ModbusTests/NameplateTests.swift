// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Modbus

/// Functions 17 and 43/14 as they are served (MODBUS Application Protocol V1.1b3, §6.13, §6.21).
@Suite struct NameplateTests {
    private static let basic = DeviceIdentification(
        objects: [0: Array("Acme".utf8), 1: Array("X1".utf8), 2: Array("3.0".utf8)])

    private func message(
        _ category: UInt8, from object: UInt8, of identification: DeviceIdentification?
    ) -> Result<[UInt8], Indication.Refusal> {
        Nameplate(identification: identification, serverID: nil)
            .identificationMessage(category: category, from: object)
    }

    @Test func `the basic objects come in one message`() throws {
        let expected: [UInt8] =
            [43, 14, 1, 0x81, 0, 0, 3] + [0, 4] + Array("Acme".utf8) + [1, 2]
            + Array("X1".utf8) + [2, 3] + Array("3.0".utf8)
        #expect(try message(1, from: 0, of: Self.basic).get() == expected)
        #expect(
            try message(1, from: 9, of: Self.basic).get() == expected,
            "an unknown object is the first")
        #expect(try message(1, from: 2, of: Self.basic).get().suffix(6) == [1, 2, 3, 51, 46, 48])
    }

    @Test func `categories widen, and conformity tells how far`() throws {
        var full = Self.basic
        full.objects[5] = [0x41]
        #expect(try message(1, from: 0, of: full).get()[3] == 0x82)
        full.objects[0x80] = [0x42]
        for (category, count) in [(1, 3), (2, 4), (3, 5)] as [(UInt8, UInt8)] {
            let message = try message(category, from: 0, of: full).get()
            #expect(message[2...6] == [category, 0x83, 0, 0, count])
        }
        #expect(
            try message(4, from: 0x80, of: full).get() == [43, 14, 4, 0x83, 0, 0, 1, 0x80, 1, 0x42])
    }

    @Test func `what does not fit follows in the next message`() throws {
        let long = DeviceIdentification(
            objects: Dictionary(
                uniqueKeysWithValues: (0...6).map {
                    (UInt8($0), Array(repeating: UInt8($0), count: 100))
                }))
        var (object, seen) = (UInt8(0), [UInt8]())
        repeat {
            let message = try message(2, from: object, of: long).get()
            #expect(message.count <= 253)
            for place in 0..<Int(message[6]) { seen.append(message[7 + 102 * place]) }
            object = message[5]
            #expect((message[4] == 0xFF) == (object > 0))
        } while object > 0
        #expect(seen == [0, 1, 2, 3, 4, 5, 6])
    }

    @Test func `an object longer than a message is cut, not left out for ever`() throws {
        let long = DeviceIdentification(objects: [0: Array(repeating: 0x41, count: 255)])
        #expect(try message(1, from: 0, of: long).get().count == 253)
    }

    @Test func `what is not known is refused by the book`() {
        #expect(message(1, from: 0, of: nil) == .failure(.illegalFunction))
        #expect(message(4, from: 9, of: Self.basic) == .failure(.illegalAddress))
        #expect(message(0, from: 0, of: Self.basic) == .failure(.illegalValue))
        #expect(message(5, from: 0, of: Self.basic) == .failure(.illegalValue))
    }

    /// What a question earns over a real wire: a unit with a nameplate, one without, no unit.
    @Test(
        arguments: Way.allCases,
        [
            (1, [17], [17, 4, 1, 0xFF, 0x58, 0x31]), (17, [17], [0x91, 1]),
            (1, [43, 14, 4, 1], [43, 14, 4, 0x81, 0, 0, 1, 1, 2, 0x58, 0x31]),
            (1, [43, 14, 4, 7], [0xAB, 2]), (1, [43, 13, 0, 0], [0xAB, 1]),
            (17, [43, 14, 1, 0], [0xAB, 1]), (1, [7], [0x87, 1]), (1, [8, 0, 0, 1, 2], [0x88, 1]),
            (1, [16, 0, 0, 0, 1, 2, 0, 9], [0x90, 1]), (1, [0x41, 1, 2, 3], [0xC1, 1]),
        ] as [(UInt8, [UInt8], [UInt8])])
    func `functions are served or refused`(
        way: Way, example: (unit: UInt8, question: [UInt8], answer: [UInt8])
    ) throws {
        let server = try addressServer(way)
        server.identify(unit: 1, as: Self.basic, serverID: [1, 0xFF, 0x58, 0x31])
        let link = try connected(server.endpoint)
        let opened = link.wire
        let wire = try #require(opened)
        let (question, answer) =
            way == .tcp
            ? (
                Frame.tcp(9, unit: example.unit, example.question),
                Frame.tcp(9, unit: example.unit, example.answer)
            )
            : (
                Frame.rtu(unit: example.unit, example.question),
                Frame.rtu(unit: example.unit, example.answer)
            )
        try wire.send(question, by: .now + .seconds(1))
        var heard: [UInt8] = []
        while heard.count < answer.count, try wire.wait(for: POLLIN, until: .now + .seconds(2)),
            case .bytes(let bytes) = wire.receive()
        { heard += bytes }
        #expect(heard == answer)
    }
}
