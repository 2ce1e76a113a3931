// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Modbus

/// The three ways to reach a unit, each with a server of its own.
enum Way: String, CaseIterable, CustomTestStringConvertible {
    case tcp, rtuOverTCP, serial

    /// Without parity: a pseudo-terminal has none.
    static let format = SerialFormat(baud: 19_200, dataBits: 8, parity: .none, stopBits: 2)

    var testDescription: String { rawValue }

    var place: ModbusServer.Place {
        switch self {
        case .tcp: .tcp(port: 0)
        case .rtuOverTCP: .rtuOverTCP(port: 0)
        case .serial: .serial(Self.format)
        }
    }
}

/// A server of units 1 and 17 in which every holding register holds its own address, plus 1000
/// for unit 17, so that an answer to another question is seen at once.
func addressServer(_ way: Way) throws -> ModbusServer {
    let server = try ModbusServer(way.place)
    server.set((0..<2000).map { UInt16($0) }, unit: 1, table: .holding, at: 0)
    server.set((1000..<3000).map { UInt16($0) }, unit: 17, table: .holding, at: 0)
    return server
}

extension Link {
    mutating func holding(
        _ start: UInt16, _ count: Int = 1, unit: UInt8 = 1, within timeout: Duration = .seconds(2)
    ) throws(ModbusError) -> [UInt16] {
        try read(
            Request(unit: unit, table: .holding, start: start, count: count), within: timeout)
    }
}

@Suite struct ReadTests {
    @Test(arguments: Way.allCases)
    func `functions 1 to 4 bring what the server holds`(way: Way) throws {
        let server = try addressServer(way)
        server.set([1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0], unit: 1, table: .coil, at: 3)
        server.set([0, 1, 1], unit: 1, table: .discrete, at: 65_533)
        server.set([7, 0xFFFF], unit: 1, table: .input, at: 40)
        var link = Link(to: server.endpoint)
        try link.connect(within: .seconds(2))
        for (table, start, values) in [
            (Table.coil, UInt16(3), [1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0]),
            (.discrete, 65_533, [0, 1, 1]), (.input, 40, [7, 0xFFFF]),
            (.holding, 100, (100..<225).map { UInt16($0) }),
        ] as [(Table, UInt16, [UInt16])] {
            let request = Request(unit: 1, table: table, start: start, count: values.count)
            #expect(try link.read(request, within: .seconds(2)) == values)
        }
        #expect(try link.holding(5, 2, unit: 17) == [1005, 1006])
    }
}
