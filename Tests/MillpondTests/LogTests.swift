// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Buffer
import Equipment
import Logging
import Modbus
import Testing

@testable import Millpond

@Suite struct `Log lines` {
    @Test(arguments: [
        ("plain-1.2:3/4", "plain-1.2:3/4"), ("", "\"\""), ("two words", "\"two words\""),
        ("a=b", "\"a=b\""), ("a\"b\\", "\"a\\\"b\\\\\""),
        ("a\nb\u{1B}[31m", "\"a\\u{a}b\\u{1b}[31m\""),
        ("Gerät", "Gerät"),
    ])
    func `a value from outside cannot end a line or pass for another key`(
        value: String, quoted: String
    ) {
        #expect(JournalLog.quoted(value) == quoted)
    }

    @Test func `a long value is cut`() {
        #expect(JournalLog.quoted(String(repeating: "x", count: 5_000)).count == 201)
    }

    @Test func `a lost connection says where it leads and why`() {
        let line = EventText(
            .disconnected(connection: "plc", because: .broken(errno: 111)),
            endpoints: ["plc": .tcp(host: "10.0.4.21", port: 502)])
        #expect(line.level == .warning && line.id == "connection-lost")
        #expect(line.sentence.contains("connection refused"))
        #expect(line.facts["endpoint"] == "tcp://10.0.4.21:502")
    }

    @Test func `a device that returns says for how long it was away`() {
        let device = DeviceName(equipment: "press-1", device: "drive")
        let line = EventText(.deviceAnswers(device, absence: .seconds(252)), endpoints: [:])
        #expect(line.level == .notice)
        #expect(line.sentence == "press-1/drive answers again after 4m12s")
        #expect(EventText(.deviceAnswers(device, absence: nil), endpoints: [:]).level == .info)
    }

    @Test func `lost records are an error with their times`() {
        let loss = Loss(
            records: 5_500, first: Timestamp(milliseconds: 0), last: Timestamp(milliseconds: 1_000),
            reason: .notStored)
        let line = EventText(.recordsLost(loss), endpoints: [:])
        #expect(line.level == .error)
        #expect(line.sentence.contains("5500 records from 1970-01-01T00:00:00.000Z"))
    }
}

@Suite struct `What is said of errors` {
    @Test(arguments: [
        (BufferError.locked(directory: "/pond"), 69 as Int32),
        (.unusable(path: "/pond", reason: .errno(13)), 77),
        (.unusable(path: "/pond", reason: .notADirectory), 73),
        (.unusable(path: "/pond", reason: .foreign), 65),
        (.unusable(path: "/pond", reason: .newerSchema(9)), 65),
        (.storage(code: 10, operation: "seal"), 74),
    ])
    func `a buffer that cannot be used ends by its kind and names the place`(
        error: BufferError, code: Int32
    ) {
        #expect(ErrorText.exitCode(of: error).rawValue == code)
        if case .storage = error {
            #expect(ErrorText.of(error).contains("result code 10"))
        } else {
            #expect(ErrorText.of(error).contains("/pond"))
        }
    }

    @Test func `an endpoint reads as probe takes it`() {
        let format = SerialFormat(baud: 9_600, dataBits: 8, parity: .even, stopBits: 1)
        #expect(
            Endpoint.serial(path: "/dev/ttyUSB0", format: format).text
                == "serial:///dev/ttyUSB0?baud=9600&format=8E1")
        #expect(Endpoint.rtuOverTCP(host: "::1", port: 4001).text == "rtu+tcp://[::1]:4001")
    }
}
