// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Modbus

@Suite struct SerialTests {
    @Test func `a port has one opener`() throws {
        let server = try addressServer(.serial)
        var first = try connected(server.endpoint)
        var second = Link(to: server.endpoint)
        #expect(throws: ModbusError.broken(errno: EBUSY)) {
            try second.connect(within: .seconds(1))
        }
        #expect(try first.holding(1) == [1])
        first.close()
        try second.connect(within: .seconds(1))
        #expect(try second.holding(2) == [2])
    }

    /// 14400 and 28800 are among those that libmodbus silently opens at 9600.
    @Test(arguments: [300, 9600, 14_400, 28_800, 31_250, 115_200, 250_000, 921_600])
    func `any speed is set exactly`(baud: Int) throws {
        let server = try addressServer(.serial)
        guard case .serial(let path, var format) = server.endpoint else { return }
        format.baud = baud
        let wire = try SerialPort.open(path, format, heeding: nil)
        defer { close(wire.descriptor) }
        #expect(SerialPort.settings(of: wire.descriptor)?.speed == baud)
        withExtendedLifetime(server) {}
    }

    @Test func `a format that the port cannot do is refused`() throws {
        let server = try addressServer(.serial)
        guard case .serial(let path, var format) = server.endpoint else { return }
        // A pseudo-terminal has characters of 8 bits only.
        format.dataBits = 7
        var link = Link(to: .serial(path: path, format: format))
        #expect(throws: ModbusError.broken(errno: EOPNOTSUPP)) {
            try link.connect(within: .seconds(1))
        }
        withExtendedLifetime(server) {}
    }

    @Test(arguments: [("/dev/no-such-port", ENOENT), ("/dev/null", ENOTTY), ("/", EISDIR)])
    func `what is no serial port is refused`(path: String, reason: Int32) {
        var link = Link(to: .serial(path: path, format: .standard))
        #expect(throws: ModbusError.broken(errno: reason)) { try link.connect(within: .seconds(1)) }
    }

    @Test(arguments: [true, false])
    func `an adapter that is pulled out breaks the link`(idle: Bool) async throws {
        let server = try addressServer(.serial)
        server.commit(.silent, unit: 17)
        var link = try connected(server.endpoint)
        #expect(try link.holding(1) == [1])
        server.stop()
        if idle { await server.finished() }
        #expect(throws: ModbusError.broken(errno: EIO)) { try link.holding(1, unit: 17) }
        #expect(link.isConnected == false)
        #expect(throws: ModbusError.self) { try link.connect(within: .seconds(1)) }
    }

    @Test(arguments: [
        (SerialFormat(baud: 9600, dataBits: 8, parity: .even, stopBits: 1), 4010),
        (SerialFormat(baud: 19_200, dataBits: 8, parity: .none, stopBits: 1), 1822),
        (SerialFormat(baud: 38_400, dataBits: 8, parity: .even, stopBits: 1), 1750),
    ])
    func `the silence between frames`(format: SerialFormat, microseconds: Int) {
        let difference = format.silence - .microseconds(microseconds)
        #expect(abs(difference / .microseconds(1)) < 1)
    }

    /// What comes within the silence starts it again, and the question waits for its end.
    @Test func `a question keeps its distance from what was heard`() throws {
        let server = try addressServer(.serial)
        guard case .serial(let path, var format) = server.endpoint else { return }
        format.baud = 300
        var link = Link(to: .serial(path: path, format: format))
        try link.connect(within: .seconds(1))
        var before = ContinuousClock.now
        for start in UInt16(0)..<4 {
            #expect(try link.holding(start) == [start])
            // Never less; how much more is the machine's affair.
            #expect(.now - before >= format.silence)
            before = .now
        }
    }

    @Test func `a paced server takes the time of its wire`() throws {
        let pace = ModbusServer.Pace(bytesPerSecond: 960, turnaround: .milliseconds(5))
        let server = try ModbusServer(.serial(Way.format), pace: pace)
        server.set([1, 2, 3, 4], unit: 1, table: .holding, at: 0)
        var link = try connected(server.endpoint)
        let begun = ContinuousClock.now
        #expect(try link.holding(0, 4) == [1, 2, 3, 4])
        // 8 bytes there, 13 back.
        #expect(.now - begun >= .milliseconds(5) + .seconds(1) * 21 / 960)
    }
}
