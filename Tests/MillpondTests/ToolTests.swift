// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Equipment
import Glibc
import Modbus
import Plant
import Testing

@testable import Millpond

@Suite struct ToolTests {
    static let serial = Endpoint.serial(path: "/dev/ttyUSB0", format: .standard)
    static let socket = Endpoint.tcp(host: "10.0.4.21", port: 502)

    @Test(arguments: [
        serial, socket, .tcp(host: "fd00::7", port: 1502),
        .rtuOverTCP(host: "dtu.local", port: 4001),
    ])
    func `an endpoint is read as it is said`(endpoint: Endpoint) throws {
        #expect(try EndpointSyntax(parsing: endpoint.text).endpoint == endpoint)
    }

    @Test(
        arguments: [
            ("1-10,17", [1...10, 17...17]), ("247", [247...247]), ("0x10-0x1F", [16...31]),
        ] as [(String, [ClosedRange<Int>])])
    func `ranges of numbers are read`(text: String, ranges: [ClosedRange<Int>]) {
        #expect(NumberRanges.read(text, in: 0...255) == ranges)
    }

    @Test(arguments: ["", "1-", "-1", "1-2-3", "5-4", "256", "1,1", "1-5,3", "a", "1,,2", "1 - 2"])
    func `what is no range is none`(text: String) {
        #expect(NumberRanges.read(text, in: 0...255) == nil)
    }

    @Test(arguments: [
        (socket, Endpoint.tcp(host: "10.0.4.21", port: 502), true),
        (socket, .rtuOverTCP(host: "10.0.4.21", port: 502), true),
        (socket, .tcp(host: "10.0.4.21", port: 503), false),
        (socket, .tcp(host: "10.0.4.22", port: 502), false),
        (.tcp(host: "localhost", port: 1), .tcp(host: "127.0.0.1", port: 1), true),
        (.tcp(host: "::1", port: 1), .tcp(host: "127.0.0.1", port: 1), true),
        (.tcp(host: "fd00:0::7", port: 1), .tcp(host: "FD00::7", port: 1), true),
        (.tcp(host: "PLC.local", port: 1), .tcp(host: "plc.local", port: 1), true),
        (serial, socket, false),
        (
            serial,
            .serial(
                path: "/dev/ttyUSB0",
                format: SerialFormat(baud: 1200, dataBits: 8, parity: .odd, stopBits: 1)), true
        ),
        (
            .serial(path: "/dev/null", format: .standard),
            .serial(path: "/dev/../dev/null", format: .standard), true
        ),
    ])
    func `the same place is known by any name`(one: Endpoint, other: Endpoint, isSame: Bool) {
        #expect(one.leadsToSamePlace(as: other) == isSame)
        #expect(other.leadsToSamePlace(as: one) == isSame)
    }

    @Test(arguments: [
        (ModbusError.silent, serial, "A and B", 69),
        (.silent, socket, "check the unit", 69),
        (.garbled, serial, "wrong speed or format", 69),
        (.garbled, socket, "rtu+tcp://", 69),
        (.garbled, .rtuOverTCP(host: "x", port: 1), "tcp://", 69),
        (.refused(exception: 2), socket, "count from 0", 69),
        (.refused(exception: 11), socket, "reaches no unit 7", 69),
        (.broken(errno: ECONNREFUSED), socket, "nobody listens", 69),
        (.broken(errno: ETIMEDOUT), socket, "ping", 69),
        (.broken(errno: EBUSY), serial, "systemctl stop millpond", 69),
        (.broken(errno: EACCES), serial, "dialout", 77),
        (.broken(errno: ENOENT), serial, "/dev/serial/by-id", 69),
        (.broken(errno: ENXIO), socket, "name is not known", 69),
        (.broken(errno: EIO), serial, "plugged in", 69),
        (.broken(errno: ECONNRESET), socket, "one client", 69),
    ])
    func `a failure says what to do, and has its exit code`(
        error: ModbusError, endpoint: Endpoint, advice: String, code: Int32
    ) {
        let sentence = ErrorText.of(error, unit: 7, at: endpoint)
        #expect(sentence.contains(advice), "\(sentence)")
        #expect(ErrorText.exitCode(of: error).rawValue == code)
    }

    @Test(arguments: [
        (Value.number(230.5), "230.5"), (.number(Double(Float(229.8))), "229.8"),
        (.number(1_130_790_912), "1130790912"), (.number(1.5e300), "1.5e+300"),
        (.number(-2.4178e-41), "-2.4178e-41"), (.unsigned(.max), "1.8446744e+19"),
        (.number(-1.234567890123e18), "-1.234568e+18"), (.number(-0.0012345678), "-0.0012345678"),
        (.text("SDM630-V2 meter"), "\"SDM630-V2 …\""), (.text(""), "–"), (.boolean(true), "true"),
    ])
    func `a value takes few characters`(value: Value, text: String) {
        #expect(InterpretationText.short(value) == text)
        #expect(text.count <= 13)
    }
}
