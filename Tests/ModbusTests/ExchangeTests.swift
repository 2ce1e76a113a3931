// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Modbus

/// The second judge: libmodbus over a pair of sockets.
@Suite struct ExchangeTests {
    private static let framings = [Endpoint.Framing.tcp, .rtu]

    @Test(arguments: framings)
    func `libmodbus unpacks every table at its limit`(framing: Endpoint.Framing) throws {
        for table in Table.allCases {
            let request = Request(unit: 3, table: table, start: 9, count: table.limit)
            let data = (0..<request.answerSize).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let expected: [UInt16] =
                switch table {
                case .coil, .discrete:
                    data.flatMap { byte in (0..<8).map { UInt16(byte >> $0 & 1) } }
                case .holding, .input:
                    stride(from: 0, to: data.count, by: 2).map {
                        UInt16(data[$0]) << 8 | UInt16(data[$0 + 1])
                    }
                }
            #expect(try Exchange(framing).values(of: request, from: data) == expected)
        }
    }

    @Test(arguments: framings, [UInt8(0), 1, 247, 248, 254, 255])
    func `every unit that can be asked can be unpacked`(
        framing: Endpoint.Framing, unit: UInt8
    ) throws {
        let request = Request(unit: unit, table: .input, start: 0, count: 1)
        #expect(try Exchange(framing).values(of: request, from: [1, 2]) == [0x0102])
    }

    @Test(arguments: framings)
    func `what libmodbus does not accept is no value`(framing: Endpoint.Framing) throws {
        let request = Request(unit: 1, table: .holding, start: 0, count: 2)
        #expect(throws: ModbusError.garbled) {
            try Exchange(framing).values(of: request, from: [1, 2, 3, 4, 5, 6])
        }
    }
}
