// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Modbus

@Suite struct ServerTests {
    /// What the server says to raw frames, each on a wire of its own.
    private func answer(to message: [UInt8], unit: UInt8 = 1, _ way: Way) throws -> [UInt8] {
        let server = try addressServer(way)
        let link = try connected(server.endpoint)
        guard let wire = link.wire else { return [] }
        let frame =
            way == .tcp
            ? Frame.tcp(0x1234, unit: unit, message) : Frame.rtu(unit: unit, message)
        try wire.send(frame, by: .now + .seconds(1))
        guard try wire.wait(for: POLLIN, until: .now + .seconds(2)),
            case .bytes(let bytes) = wire.receive()
        else { return [] }
        return bytes
    }

    @Test(
        arguments: Way.allCases,
        [
            ([0x03, 0, 0, 0, 0], [0x83, 3]), ([0x03, 0, 0, 0, 126], [0x83, 3]),
            ([0x01, 0, 0, 0x07, 0xD1], [0x81, 3]), ([0x04, 0xFF, 0xFF, 0, 2], [0x84, 2]),
            ([0x03, 0x07, 0xCF, 0, 2], [0x83, 2]), ([0x02, 0, 0, 0, 1], [0x82, 2]),
            ([0x06, 0, 0, 0, 1], [0x86, 1]),
        ] as [([UInt8], [UInt8])])
    func `what cannot be read is refused by the book`(
        way: Way, example: ([UInt8], [UInt8])
    ) throws {
        let (message, refusal) = example
        let expected =
            way == .tcp ? Frame.tcp(0x1234, unit: 1, refusal) : Frame.rtu(unit: 1, refusal)
        #expect(try answer(to: message, way) == expected)
    }

    @Test func `values are changed while they are read`() throws {
        let server = try addressServer(.tcp)
        var link = try connected(server.endpoint)
        for value in UInt16(0)..<50 {
            server.set([value, value], unit: 1, table: .holding, at: 10)
            #expect(try link.holding(10, 2) == [value, value])
        }
    }

    @Test func `many clients are served at once, and one too many is hung up on`() throws {
        let server = try addressServer(.tcp)
        var wires: [Wire] = []
        defer { for wire in wires { close(wire.descriptor) } }
        for number in 1...UInt16(Service.clientLimit) {
            wires.append(try open(server))
            #expect(try ask(number, over: wires[wires.count - 1])?[10] == UInt8(number))
        }
        wires.append(try open(server))
        #expect(try ask(1, over: wires[wires.count - 1]) == nil)
        // The others do not notice.
        #expect(try ask(7, over: wires[0])?[10] == 7)
    }

    private func open(_ server: ModbusServer) throws -> Wire {
        guard case .tcp(let host, let port) = server.endpoint else { throw ModbusError.silent }
        let addresses = try Lookup.start(host: host, port: port).addresses(by: .now, heeding: nil)
        return try Connection.open(addresses ?? [], within: .seconds(2), heeding: nil)
    }

    private func ask(_ address: UInt16, over wire: Wire) throws -> [UInt8]? {
        let request = Request(unit: 1, table: .holding, start: address, count: 1)
        try? wire.send(Frame.tcp(1, unit: 1, request.message), by: .now + .seconds(1))
        guard try wire.wait(for: POLLIN, until: .now + .seconds(2)),
            case .bytes(let bytes) = wire.receive()
        else { return nil }
        return bytes
    }

    @Test(arguments: Way.allCases)
    func `a stopped server is gone`(way: Way) async throws {
        let server = try addressServer(way)
        let held = way == .serial ? try HeldTerminal(server.endpoint) : nil
        var link = try connected(server.endpoint)
        #expect(try link.holding(1) == [1])
        server.stop()
        await server.finished()
        #expect(throws: ModbusError.self) { try link.holding(1) }
        #expect(throws: ModbusError.self) { try link.connect(within: .seconds(1)) }
        withExtendedLifetime(held) {}
    }
}
