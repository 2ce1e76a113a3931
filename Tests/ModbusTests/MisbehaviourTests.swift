// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Modbus

/// What a fault puts on the wire, byte for byte, in answer to one question: two registers of
/// unit 1 that hold 0x1122 and 0x3344; unit 2 holds other words, and so do the input registers.
@Suite struct MisbehaviourTests {
    private static let right: [UInt8] = [3, 4, 0x11, 0x22, 0x33, 0x44]
    private static let neighbours: [UInt8] = [3, 4, 0x55, 0x66, 0x77, 0x88]
    private static let request = Request(unit: 1, table: .holding, start: 0, count: 2)

    private let bank = RegisterBank()

    init() {
        for (unit, words) in [(1, [0x1122, 0x3344]), (2, [0x5566, 0x7788])] as [(UInt8, [UInt16])] {
            bank.change(unit) { unit in
                unit.tables[.holding] = Dictionary(
                    uniqueKeysWithValues: words.enumerated().map { (UInt16($0), $1) })
                unit.tables[.input] = [0: 1, 1: 2]
            }
        }
    }

    /// The answers to the same question of each of these units, in this order.
    private func responses(
        _ fault: Fault, _ framing: Endpoint.Framing, of units: [UInt8] = [1]
    ) throws -> [Response] {
        bank.change(1) { $0.fault = fault }
        let responder = try Responder(framing)
        var memory = Memory()
        return units.map { unit in
            responder.respond(to: question(framing, unit), from: bank, remembering: &memory)
        }
    }

    private func question(_ framing: Endpoint.Framing, _ unit: UInt8 = 1) -> Indication {
        let message = Self.request.message
        let frame =
            framing == .tcp
            ? Frame.tcp(7, unit: unit, message) : Frame.rtu(unit: unit, message)
        return Indication(
            frame: frame, transaction: framing == .tcp ? 7 : 0, unit: unit, message: message[...])
    }

    private static let tcp = Frame.tcp(7, unit: 1, right)
    private static let rtu = Frame.rtu(unit: 1, right)

    @Test(
        arguments: [
            (.exception(0), Frame.tcp(7, unit: 1, [0x83, 0])),
            (.wrong(.unit), Frame.tcp(7, unit: 2, neighbours)),
            (.wrong(.function), Frame.tcp(7, unit: 1, [4, 4, 0, 1, 0, 2])),
            (.wrong(.byteCount(-1)), Frame.tcp(7, unit: 1, [3, 3] + right[2...])),
            (.wrong(.byteCount(999)), Frame.tcp(7, unit: 1, [3, 255] + right[2...])),
            (.wrong(.count(-1)), Frame.tcp(7, unit: 1, [3, 2, 0x11, 0x22])),
            (.wrong(.count(-9)), Frame.tcp(7, unit: 1, [3, 0])),
            (.wrong(.count(1)), Frame.tcp(7, unit: 1, [3, 6] + right[2...] + [0x44, 0x44])),
            (.wrong(.padding(2)), Frame.tcp(7, unit: 1, right + [0x55, 0x55])),
            (.wrong(.length(0)), [0, 7, 0, 0, 0, 0, 1] + right),
            (.wrong(.length(0xFFFE)), [0, 7, 0, 0, 0xFF, 0xFE, 1] + right),
            (.wrong(.transaction(1)), Frame.tcp(8, unit: 1, right)),
            (.wrong(.transaction(.max)), Frame.tcp(6, unit: 1, right)),
            (.wrong(.noTransaction), Frame.tcp(0, unit: 1, right)),
            (.wrong(.protocolID(0x100)), [0, 7, 1, 0, 0, 7, 1] + right),
            (.wrong(.checksum), tcp), (.wrong(.framing), rtu),
            (.stray(.bytes([0]), .before), [0] + tcp),
            (.stray(.bytes([0, 0xFF]), .after), tcp + [0, 0xFF]),
            (.stray(.echo, .before), Frame.tcp(7, unit: 1, request.message) + tcp),
            (.stray(.echo, .instead), Frame.tcp(7, unit: 1, request.message)),
            (.stray(.echo, .onConnect), tcp), (.twice(after: .zero), tcp + tcp),
            (.brokenOff(after: .half, .close), Array(tcp.prefix(6))),
            (.silent, []),
        ] as [(Fault, [UInt8])])
    func `a fault says on TCP what its name says`(fault: Fault, bytes: [UInt8]) throws {
        let response = try #require(try responses(fault, .tcp).first)
        #expect(response.parcels.map(\.bytes) == [bytes])
    }

    @Test(
        arguments: [
            (.wrong(.unit), Frame.rtu(unit: 2, neighbours)),
            (.wrong(.padding(1)), Frame.rtu(unit: 1, right + [0x55])),
            (.wrong(.checksum), rtu[..<6] + [0x44 ^ 0x5A] + rtu[7...]),
            (.wrong(.framing), Frame.tcp(0, unit: 1, right)),
            (.wrong(.length(0)), rtu), (.wrong(.transaction(1)), rtu),
            (.garbage, rtu.map { $0 ^ 0xA5 }),
            (.stray(.echo, .after), rtu + Frame.rtu(unit: 1, request.message)),
        ] as [(Fault, [UInt8])])
    func `a fault says on RTU what its name says`(fault: Fault, bytes: [UInt8]) throws {
        let response = try #require(try responses(fault, .rtu).first)
        #expect(response.parcels.map(\.bytes) == [bytes])
    }

    @Test func `old and foreign answers are the last ones of this and of another unit`() throws {
        let foreign = Frame.rtu(unit: 2, Self.neighbours)
        func last(_ fault: Fault, of units: [UInt8]) throws -> [UInt8]? {
            try responses(fault, .rtu, of: units).last?.parcels.first?.bytes
        }
        #expect(try last(.stray(.oldAnswer, .instead), of: [1]) == [])
        #expect(try last(.stray(.oldAnswer, .instead), of: [1, 2, 1]) == Self.rtu)
        #expect(try last(.stray(.foreignAnswer, .instead), of: [1]) == [])
        #expect(try last(.wrong(.transaction(1)), of: [1, 2, 1]) == Self.rtu)
        #expect(try last(.stray(.foreignAnswer, .before), of: [2, 1]) == foreign + Self.rtu)
    }

    @Test func `times, orders and endings are as they are called`() throws {
        let ms = Duration.milliseconds(5)
        func parcels(_ fault: Fault, _ units: [UInt8] = [1]) throws -> [Response.Parcel] {
            try responses(fault, .tcp, of: units).last?.parcels ?? []
        }
        #expect(try parcels(.late(ms)).map(\.delay) == [ms])
        #expect(try parcels(.late(ms)).map(\.order) == [.inTurn])
        #expect(try parcels(.drip(ms)).map(\.manner) == [.dripping(ms)])
        #expect(try parcels(.split(ms)).map(\.manner) == [.halved(ms)])
        #expect(try parcels(.twice(after: ms)).map(\.delay) == [.zero, ms])
        #expect(try parcels(.brokenOff(after: .all, .reset)).map(\.ending) == [.reset])
        let (odd, even) = (try parcels(.overtaken(ms)), try parcels(.overtaken(ms)))
        #expect(Set([odd, even].flatMap { $0.map(\.delay) }) == [.zero, ms])
        #expect(odd.map(\.order) == [.overtaking])
    }

    @Test func `what leaves late waits for its elders, or overtakes them`() {
        let start = ContinuousClock.now
        func left(_ order: Outbox.Order) -> [UInt8] {
            var outbox = Outbox()
            outbox.add([1, 2], unit: 1, from: start + .seconds(2), .halved(.seconds(1)), order)
            outbox.add([3], unit: 1, from: start, .atOnce, order, ending: .close)
            outbox.add([4], unit: 2, from: start + .seconds(1), .atOnce, order)
            return (0...3).flatMap { outbox.take(at: start + .seconds($0)).bytes }
        }
        #expect(left(.inTurn) == [4, 1, 2, 3])
        #expect(left(.overtaking) == [3, 4, 1, 2])
    }

    @Test func `an ending comes after its bytes, and nothing with it`() {
        let start = ContinuousClock.now
        var outbox = Outbox()
        outbox.add([1], unit: 1, from: start, .atOnce, ending: .reset)
        outbox.add([2], unit: 1, from: start, .atOnce)
        let (bytes, ending) = outbox.take(at: start)
        #expect(bytes == [1])
        #expect(ending == .reset)
    }

    /// What is heard until `count` bytes are there, or the end.
    private func heard(
        _ count: Int, from server: ModbusServer, asking question: [UInt8] = []
    ) throws -> (bytes: [UInt8], end: Int32?) {
        let link = try connected(server.endpoint)
        let opened = link.wire
        let wire = try #require(opened)
        try wire.send(question, by: .now + .seconds(1))
        var bytes: [UInt8] = []
        while bytes.count < count, try wire.wait(for: POLLIN, until: .now + .seconds(2)) {
            switch wire.receive() {
            case .bytes(let more): bytes += more
            case .nothing: break
            case .failed(let reason): return (bytes, reason)
            }
        }
        return (bytes, nil)
    }

    @Test(arguments: [Way.tcp, .rtuOverTCP])
    func `a banner comes before any question`(way: Way) throws {
        let server = try addressServer(way)
        server.commit(.stray(.bytes([7, 8, 9]), .onConnect), unit: 1)
        #expect(try heard(3, from: server).bytes == [7, 8, 9])
        #expect(server.connections == 1)
    }

    @Test func `what was on its way when an RTU client left is the next one's`() throws {
        let server = try addressServer(.rtuOverTCP)
        server.commit(.late(.milliseconds(500)), unit: 1)
        // Leaves at once; the server has the question all the same, and sees the end in time.
        #expect(try heard(0, from: server, asking: question(.rtu).frame).bytes == [])
        #expect(try heard(9, from: server).bytes == Frame.rtu(unit: 1, [3, 4, 0, 0, 0, 1]))
    }

    @Test(arguments: Way.allCases)
    func `a unit that talks unasked does so again and again`(way: Way) throws {
        let server = try addressServer(way)
        server.commit(.stray(.bytes([7, 8]), .every(.milliseconds(1))), unit: 1)
        #expect(try heard(6, from: server).bytes.prefix(6) == [7, 8, 7, 8, 7, 8])
    }

    @Test(
        arguments: [Way.tcp, .rtuOverTCP],
        [(.nothing, .close), (.half, .close), (.all, .close), (.half, .reset)]
            as [(Fault.Part, Fault.Ending)])
    func `a connection ends where it is said`(
        way: Way, example: (part: Fault.Part, ending: Fault.Ending)
    ) throws {
        let server = try addressServer(way)
        server.commit(.brokenOff(after: example.part, example.ending), unit: 1)
        let framing: Endpoint.Framing = way == .tcp ? .tcp : .rtu
        let (bytes, end) = try heard(.max, from: server, asking: question(framing).frame)
        let whole = way == .tcp ? 13 : 9
        #expect(bytes.count == [.nothing: 0, .half: whole / 2, .all: whole][example.part])
        #expect(end == ECONNRESET, "which is also how a wire tells an orderly end")
    }
}
