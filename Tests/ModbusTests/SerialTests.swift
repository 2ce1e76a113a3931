// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization
import Testing

@testable import Modbus

@Suite struct SerialTests {
    /// As the child of a fork has it, until it runs a program of its own.
    @Test func `a closed port is free, whoever has a copy of the descriptor`() throws {
        let server = try addressServer(.serial)
        var link = try connected(server.endpoint)
        let descriptor = link.wire?.descriptor
        let copy = dup(try #require(descriptor))
        defer { close(copy) }
        link.close()
        var next = try connected(server.endpoint)
        #expect(try next.holding(1) == [1])
    }

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
        let held = try HeldTerminal(server.endpoint)
        server.commit(.silent, unit: 17)
        var link = try connected(server.endpoint)
        #expect(try link.holding(1) == [1])
        server.stop()
        if idle { await server.finished() }
        #expect(throws: ModbusError.broken(errno: EIO)) { try link.holding(1, unit: 17) }
        #expect(link.isConnected == false)
        #expect(throws: ModbusError.self) { try link.connect(within: .seconds(1)) }
        withExtendedLifetime(held) {}
    }

    /// As udev names an adapter, whatever port it comes back as.
    @Test func `an adapter that comes back is met under its stable name`() async throws {
        var folder = Array("/tmp/millpond-port-XXXXXX".utf8CString)
        let place = try #require(mkdtemp(&folder).map { String(cString: $0) })
        let name = place + "/by-id"
        defer {
            unlink(name)
            rmdir(place)
        }
        func plug(_ server: ModbusServer) {
            guard case .serial(let path, _) = server.endpoint else { return }
            unlink(name)
            symlink(path, name)
        }
        let first = try addressServer(.serial)
        let held = try HeldTerminal(first.endpoint)
        plug(first)
        var link = try connected(.serial(path: name, format: Way.format))
        #expect(try link.holding(1) == [1])
        first.stop()
        await first.finished()
        #expect(throws: ModbusError.broken(errno: EIO)) { try link.holding(2) }
        #expect(throws: ModbusError.self) { try link.connect(within: .seconds(1)) }
        let second = try addressServer(.serial)
        plug(second)
        try link.connect(within: .seconds(1))
        #expect(try link.holding(3) == [3])
        withExtendedLifetime(held) {}
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

    @Test func `a question keeps its distance from the byte before`() async throws {
        var format = Way.format
        format.baud = 300
        let entrance = try Entrance(.serial(format))
        let distances = Mutex<[Duration]>([])
        let device = Line(name: "device") { line in
            let wire = Wire(descriptor: entrance.descriptor, line: line, medium: .port)
            let conversation = Conversation(wire: wire)
            var answered: ContinuousClock.Instant?
            while let bytes = conversation.hear() {
                let now = ContinuousClock.now
                if let answered { distances.withLock { $0.append(now - answered) } }
                // Before it is said: afterwards this thread may have to wait for a processor.
                answered = .now
                conversation.say(Heard(bytes, .rtu).answer)
            }
            entrance.close()
        }
        var link = try connected(entrance.endpoint)
        for start in UInt16(0)..<4 { #expect(try link.holding(start) == [start]) }
        device.stop()
        await device.finished()
        let shortest = distances.withLock { $0 }.min()
        #expect(try #require(shortest) >= format.silence)
    }

    /// Faster than any line, and without a pause.
    @Test(arguments: [[0x55], Frame.rtu(unit: 1, [3, 2, 0, 1])] as [[UInt8]])
    func `a flood does not hold the port for ever`(what: [UInt8]) async throws {
        let entrance = try Entrance(.serial(Way.format))
        let device = Line(name: "device") { line in
            let wire = Wire(descriptor: entrance.descriptor, line: line, medium: .port)
            let flood = Array(repeatElement(what, count: 512).joined())
            while (try? wire.send(flood, by: .now + .seconds(60))) != nil {}
            entrance.close()
        }
        var link = try connected(entrance.endpoint)
        for _ in 0..<2 {
            let error = #expect(throws: ModbusError.self) {
                try link.holding(100, 4, within: .milliseconds(100))
            }
            // Silent, where what came at the end was one of the known echoes or copies.
            #expect(error == .garbled || error == .silent)
        }
        device.stop()
        await device.finished()
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

/// Keeps the number of a pseudo-terminal taken: once its server is gone there is nothing at its
/// path, also if another test opens a terminal of its own meanwhile.
final class HeldTerminal {
    private let descriptor: Int32

    init(_ endpoint: Endpoint) throws {
        guard case .serial(let path, _) = endpoint else { throw ModbusError.broken(errno: ENOTTY) }
        descriptor = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(descriptor >= 0)
    }

    deinit { close(descriptor) }
}
