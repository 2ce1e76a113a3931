// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Modbus

/// Every fault of a served unit, on all three framings: an error at the most, never a wrong value.
@Suite struct FaultTests {
    /// Where no answer is to come in time.
    private static let short = Duration.milliseconds(60)
    /// Where an answer comes at once, on a machine that may be busy.
    private static let fair = Duration.seconds(1)

    @Test(arguments: Way.allCases)
    func `a late answer never passes for the next one`(way: Way) throws {
        let server = try addressServer(way)
        var link = try connected(server.endpoint)
        server.commit(.late(.milliseconds(400)), unit: 1)
        #expect(throws: ModbusError.silent) { try link.holding(100, 4, within: Self.short) }
        server.commit(nil, unit: 1)
        // The same shape at another address; the server answers in order, the late one first.
        #expect(try link.holding(200, 4) == [200, 201, 202, 203])
        #expect(try link.holding(300, 4) == [300, 301, 302, 303])
        #expect(link.isConnected == true)
    }

    @Test(arguments: Way.allCases)
    func `a late unit does not hold up another one`(way: Way) throws {
        let server = try addressServer(way)
        var link = try connected(server.endpoint)
        server.commit(.late(.seconds(1)), unit: 1)
        #expect(throws: ModbusError.silent) { try link.holding(100, within: Self.short) }
        for address in UInt16(0)..<40 {
            #expect(try link.holding(address, unit: 17) == [1000 + address])
        }
    }

    @Test(arguments: Way.allCases)
    func `one register is clarified as well as many`(way: Way) throws {
        let server = try addressServer(way)
        var link = try connected(server.endpoint)
        for start in stride(from: UInt16(0), to: 30, by: 3) {
            server.commit(.late(.milliseconds(30)), unit: 1)
            // On a busy machine this may be in time after all.
            let values = try? link.holding(start, within: .milliseconds(5))
            #expect(values == nil || values == [start])
            server.commit(nil, unit: 1)
            #expect(try link.holding(start + 1) == [start + 1])
        }
    }

    @Test(arguments: Way.allCases)
    func `a silent unit costs its timeout and no more`(way: Way) throws {
        let server = try addressServer(way)
        var link = try connected(server.endpoint)
        server.commit(.silent, unit: 1)
        #expect(throws: ModbusError.silent) { try link.holding(0, within: Self.short) }
        #expect(link.isConnected == true)
        #expect(try link.holding(0, unit: 17) == [1000])
    }

    @Test(arguments: Way.allCases)
    func `drip by drip cannot outlast the deadline`(way: Way) throws {
        let server = try addressServer(way)
        var link = try connected(server.endpoint)
        server.commit(.drip(.milliseconds(20)), unit: 1)
        // Each gap is within the timeout, the sum of them is not.
        #expect(throws: ModbusError.self) { try link.holding(100, 8, within: Self.short) }
        server.commit(nil, unit: 1)
        #expect(try link.holding(200, 8) == (200..<208).map { UInt16($0) })
    }

    @Test(arguments: Way.allCases)
    func `a slow answer within the deadline is an answer`(way: Way) throws {
        let server = try addressServer(way)
        var link = try connected(server.endpoint)
        server.commit(.drip(.milliseconds(2)), unit: 1)
        #expect(try link.holding(100, 8) == (100..<108).map { UInt16($0) })
    }

    @Test(arguments: Way.allCases)
    func `another unit's name makes no answer`(way: Way) throws {
        let server = try addressServer(way)
        var link = try connected(server.endpoint)
        server.commit(.wrongUnit, unit: 1)
        #expect(throws: ModbusError.garbled) { try link.holding(100, within: Self.fair) }
        #expect(link.isConnected == true)
        server.commit(nil, unit: 1)
        #expect(try link.holding(7) == [7])
    }

    @Test(arguments: Way.allCases)
    func `garbage is garbled, and forgotten`(way: Way) throws {
        let server = try addressServer(way)
        var link = try connected(server.endpoint)
        server.commit(.garbage, unit: 1)
        #expect(throws: ModbusError.garbled) { try link.holding(100, within: Self.fair) }
        // Frames out of step end a TCP connection; RTU frames are found anew.
        #expect(link.isConnected == (way != .tcp))
        server.commit(nil, unit: 1)
        if !link.isConnected { try link.connect(within: .seconds(2)) }
        #expect(try link.holding(7) == [7])
    }

    @Test(arguments: Way.allCases)
    func `every exception keeps the link and gives its code`(way: Way) throws {
        let server = try addressServer(way)
        var link = try connected(server.endpoint)
        for code in UInt8(1)...255 {
            server.commit(.exception(code), unit: 1)
            #expect(throws: ModbusError.refused(exception: code)) { try link.holding(100) }
        }
        server.commit(nil, unit: 1)
        #expect(link.isConnected == true)
        #expect(try link.holding(7) == [7])
    }

    @Test(arguments: [Way.tcp, .rtuOverTCP])
    func `a reset breaks the link, with its reason`(way: Way) throws {
        let server = try addressServer(way)
        var link = try connected(server.endpoint)
        server.commit(.reset, unit: 1)
        #expect(throws: ModbusError.broken(errno: 104)) { try link.holding(100) }
        #expect(link.isConnected == false)
        #expect(throws: ModbusError.broken(errno: 107)) { try link.holding(100) }
        server.commit(nil, unit: 1)
        try link.connect(within: .seconds(2))
        #expect(try link.holding(7) == [7])
    }

    @Test(arguments: Way.allCases)
    func `what does not exist is refused`(way: Way) throws {
        let server = try addressServer(way)
        var link = try connected(server.endpoint)
        for (start, count) in [(UInt16(1999), 2), (5000, 1)] {
            #expect(throws: ModbusError.refused(exception: 2)) { try link.holding(start, count) }
        }
        let nobody: ModbusError = way == .tcp ? .refused(exception: 0x0B) : .silent
        #expect(throws: nobody) { try link.holding(0, unit: 99, within: Self.short) }
        server.remove(unit: 17)
        #expect(throws: nobody) { try link.holding(0, unit: 17, within: Self.short) }
        #expect(try link.holding(7) == [7])
        // On RTU the second refusal is like the first, and is asked for twice.
        #expect(server.requests(unit: 1) == (way == .tcp ? 3 : 4))
    }

    @Test(arguments: [Way.tcp, .rtuOverTCP])
    func `after many silences a socket is closed`(way: Way) throws {
        let server = try addressServer(way)
        var link = try connected(server.endpoint)
        server.commit(.silent, unit: 1)
        for silence in 1...Link.silencesUntilClosed {
            #expect(throws: ModbusError.silent) {
                try link.holding(0, within: .milliseconds(10))
            }
            #expect(link.isConnected == (silence < Link.silencesUntilClosed))
        }
    }
}
