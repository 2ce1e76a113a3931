// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus
import Plant
import Testing

@Suite struct EndpointSyntaxTests {
    private static let at9600 = SerialFormat(
        baud: 9600, dataBits: 8, parity: .none, stopBits: 2)

    @Test(arguments: [
        ("tcp://10.0.4.21", Endpoint.tcp(host: "10.0.4.21", port: 502)),
        ("tcp://10.0.4.21:1502", .tcp(host: "10.0.4.21", port: 1502)),
        ("tcp://plc.local", .tcp(host: "plc.local", port: 502)),
        ("tcp://[fd00::7]", .tcp(host: "fd00::7", port: 502)),
        ("tcp://[fd00::7]:1502", .tcp(host: "fd00::7", port: 1502)),
        ("rtu+tcp://10.0.4.30:4001", .rtuOverTCP(host: "10.0.4.30", port: 4001)),
        ("serial:///dev/ttyUSB0", .serial(path: "/dev/ttyUSB0", format: .standard)),
        (
            "serial:///dev/ttyUSB0?baud=9600&format=8N2",
            .serial(path: "/dev/ttyUSB0", format: at9600)
        ),
        (
            "serial:///dev/ttyUSB0?format=8N2&baud=9600",
            .serial(path: "/dev/ttyUSB0", format: at9600)
        ),
    ])
    func `an endpoint is read`(text: String, endpoint: Endpoint) throws {
        #expect(try EndpointSyntax(parsing: text).endpoint == endpoint)
    }

    @Test(arguments: [
        ("serial:///dev/ttyUSB0", false, false),
        ("serial:///dev/ttyUSB0?baud=9600", true, false),
        ("serial:///dev/ttyUSB0?format=8E1", false, true),
        ("serial:///dev/ttyUSB0?baud=9600&format=8E1", true, true),
        ("tcp://10.0.4.21", true, true),
    ])
    func `what it leaves open is known`(text: String, speed: Bool, format: Bool) throws {
        let syntax = try EndpointSyntax(parsing: text)
        #expect(syntax.saysSpeed == speed)
        #expect(syntax.saysFormat == format)
    }

    @Test(arguments: [
        ("10.0.4.21:502", "write tcp://10.0.4.21:502"),
        ("/dev/ttyUSB0", "write serial:///dev/ttyUSB0"),
        ("udp://10.0.4.21", "\"udp\" is no way"),
        ("tcp://", "neither a host name"),
        ("tcp://10.0.4.21:0", "port must be 1 to 65535"),
        ("tcp://10.0.4.21:70000", "port must be 1 to 65535"),
        ("tcp://fd00::7", "did you mean [fd00::7]?"),
        ("tcp://10.0.4.256", "neither a host name"),
        ("rtu+tcp://10.0.4.30", "needs a port"),
        ("serial://dev/ttyUSB0", "a path from /"),
        ("serial:///dev/ttyUSB0?baud=9601", "no serial port is set to \"9601\""),
        ("serial:///dev/ttyUSB0?format=7E1", "as 8E1"),
        ("serial:///dev/ttyUSB0?speed=9600", "\"speed\" is nothing"),
        ("serial:///dev/ttyUSB0?baud=9600&baud=9600", "once"),
        ("serial:///dev/ttyUSB0?baud", "as baud=9600"),
    ])
    func `what is no endpoint is refused with what to write`(text: String, reason: String) {
        let failure = #expect(throws: EndpointSyntax.Failure.self) {
            try EndpointSyntax(parsing: text)
        }
        #expect(failure?.reason.contains(reason) == true, "\(failure?.reason ?? "")")
    }
}
