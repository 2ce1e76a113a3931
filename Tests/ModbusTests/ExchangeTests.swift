// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Modbus

/// The second judge: libmodbus on a tape.
@Suite struct ExchangeTests {
    @Test func `libmodbus unpacks every table at its limit`() throws {
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
            #expect(try values(of: request, from: data) == expected)
        }
    }

    @Test(arguments: [UInt8(0), 1, 247, 248, 254, 255])
    func `every unit that can be asked can be unpacked`(unit: UInt8) throws {
        let request = Request(unit: unit, table: .input, start: 0, count: 1)
        #expect(try values(of: request, from: [1, 2]) == [0x0102])
    }

    @Test func `what libmodbus does not accept is no value`() throws {
        let request = Request(unit: 1, table: .holding, start: 0, count: 2)
        #expect(throws: ModbusError.garbled) {
            try values(of: request, from: [1, 2, 3, 4, 5, 6])
        }
    }

    private func values(
        of request: Request, from data: [UInt8]
    ) throws -> [UInt16] {
        var exchange = try Exchange()
        return try exchange.values(of: request, from: data)
    }

    /// With answers that end it in between.
    @Test func `an exchange that is used again is as good as a new one`() throws {
        let exchanges = Exchanges()
        for turn in 0..<70_000 {
            let word = UInt16(truncatingIfNeeded: turn)
            let request = Request(
                unit: UInt8(1 + turn % 247), table: .input, start: word, count: 1)
            let data = Frame.bytes(word)
            #expect(
                try exchanges.values(of: request, from: data) == [word])
            if turn.isMultiple(of: 9_000) {
                #expect(throws: ModbusError.garbled) {
                    try exchanges.values(of: request, from: data + data)
                }
            }
        }
    }

    @Test func `threads that share exchanges get each its own values`() async {
        let exchanges = Exchanges()
        let wrong = Atomic(0)
        let lines = (1...8).map { unit in
            Line(name: "unit \(unit)") { _ in
                for turn in 0..<2_000 {
                    let word = UInt16(turn << 3 | unit)
                    let request = Request(
                        unit: UInt8(unit), table: .holding, start: word, count: 1)
                    let data = Frame.bytes(word)
                    let values = try? exchanges.values(of: request, from: data)
                    if values != [word] { wrong.add(1, ordering: .relaxed) }
                }
            }
        }
        for line in lines { await line.finished() }
        #expect(wrong.load(ordering: .relaxed) == 0)
    }
}

extension Exchanges {
    /// As a link reads.
    fileprivate func values(
        of request: Request, from data: [UInt8]
    ) throws(ModbusError) -> [UInt16] {
        try use { exchange throws(ModbusError) in
            try exchange.values(of: request, from: data)
        }
    }
}
