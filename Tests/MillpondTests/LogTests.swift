// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Buffer
import Equipment
import Logging
import Modbus
import Plant
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

    @Test func `a lost connection says where it leads and why`() throws {
        let line = EventText(
            .disconnected(connection: "plc", because: .broken(errno: 111)), legend: try legend())
        #expect(line.level == .warning && line.id == "connection-lost")
        #expect(line.sentence.contains("connection refused"))
        #expect(line.facts["endpoint"] == "tcp://10.0.4.21:502")
    }

    @Test func `an endpoint in the other framing is told with what to write`() throws {
        let line = EventText(.otherFraming(connection: "plc"), legend: try legend())
        #expect(line.level == .warning && line.id == "other-framing")
        #expect(line.sentence.contains("tcp://10.0.4.21:502 answers in RTU framing"))
        #expect(line.sentence.contains("`rtu-over-tcp`"))
    }

    @Test(
        arguments: [
            (1_350, 1_400, "(1.4 s)", "to 2s"), (2_900, 3_000, "(3.0 s)", "to 5s"),
            (120, 130, "(130 ms)", "to 200ms"), (1_000, 9_000, "(more than 1.0 s)", "to 2s"),
            (50_000, 58_000, "(58.0 s)", "to 1m"),
        ] as [(Int, Int, String, String)])
    func `late answers are told with the timeout that would let them in`(
        least: Int, most: Int, time: String, timeout: String
    ) throws {
        let device = DeviceName(equipment: "press-1", device: "drive")
        let delay = Duration.milliseconds(least)...Duration.milliseconds(most)
        let line = EventText(
            .answersLate(device, connection: "plc", delay: delay), legend: try legend())
        #expect(line.level == .warning && line.id == "answers-late")
        #expect(line.sentence.contains("press-1/drive come late \(time)"), "\(line.sentence)")
        #expect(line.sentence.contains("`timeout` of plc, \(timeout) for"), "\(line.sentence)")
    }

    @Test(arguments: LossReason.allCases)
    func `a loss says what took the records`(reason: LossReason) throws {
        let loss = Loss(
            records: 3, first: Timestamp(milliseconds: 0), last: Timestamp(milliseconds: 1),
            reason: reason)
        let sentence = EventText(.recordsLost(loss), legend: try legend()).sentence
        #expect(sentence.contains("3 records"))
        let isLimit = reason == .bufferLimit || reason == .thinned
        #expect(sentence.contains("at its limit") == isLimit)
        #expect(sentence.contains("summaries are left") == (reason == .thinned))
    }

    @Test func `where its frames were kept is told with a fault`() throws {
        let device = DeviceName(equipment: "press-1", device: "drive")
        let path = "/var/lib/millpond/frames/plc-20261120T010403120Z.txt"
        let request = Request(unit: 1, table: .holding, start: 40, count: 2)
        let since = Timestamp(milliseconds: 0)
        let events: [PlantEvent] = [
            .disconnected(connection: "plc", because: .broken(errno: 104), frames: path),
            .deviceVanished(device, because: .noAnswer, since: since, frames: path),
            .answerGarbled(device, request, frames: path),
        ]
        for event in events {
            #expect(EventText(event, legend: try legend()).facts["frames"] == "\(path)")
        }
        let without = PlantEvent.deviceVanished(device, because: .noAnswer, since: since)
        #expect(EventText(without, legend: try legend()).facts["frames"] == nil)
    }

    @Test func `a device that returns says for how long it was away`() throws {
        let device = DeviceName(equipment: "press-1", device: "drive")
        let line = EventText(.deviceAnswers(device, absence: .seconds(252)), legend: try legend())
        #expect(line.level == .notice)
        #expect(line.sentence == "press-1/drive answers again after 4m12s")
        #expect(
            EventText(.deviceAnswers(device, absence: nil), legend: try legend()).level == .info)
    }

    @Test func `lost records are an error with their times`() throws {
        let loss = Loss(
            records: 5_500, first: Timestamp(milliseconds: 0), last: Timestamp(milliseconds: 1_000),
            reason: .notStored)
        let line = EventText(.recordsLost(loss), legend: try legend())
        #expect(line.level == .error)
        #expect(line.sentence.contains("5500 records from 1970-01-01T00:00:00.000Z"))
        let last = EventText(.recordsAbandoned(loss), legend: try legend())
        #expect(last.level == .error && last.id == "lost-at-stop")
        #expect(last.sentence.contains("5500 records from 1970-01-01T00:00:00.000Z"))
        #expect(last.sentence.contains("this line alone says so"))
    }
}

extension `Log lines` {
    /// Of a plant with one sensor whose condition says what to do.
    private func legend() throws -> Legend {
        let text = """
            connections: { plc: { tcp: 10.0.4.21 } }
            equipment:
              press-1:
                devices: { gearbox: { profile: banner/qm42vt2, via: plc, unit: 1 } }
                health:
                  - condition: vibration-zone
                    component: gearbox
                    signal: gearbox/z-velocity-rms
                    limit-high: 4.5
                    action: Plan a new gearbox
            """
        return Legend(
            try Configuration.read(
                text: text, file: "test.yaml", profilesBeside: Executable.path
            ).0)
    }

    @Test func `a condition says the value, the limit and what to do`() throws {
        let transition = Transition(
            time: Timestamp(milliseconds: 0), equipment: "press-1", component: "gearbox",
            condition: "vibration-zone", from: .inactive, to: .active,
            status: .maintenanceRequired, severity: 0, index: 90,
            evidence: Evidence(
                signal: "gearbox/z-velocity-rms", unit: "mm/s", value: 5.4, time: nil,
                limits: ConditionRule.Limits(high: 4.5),
                limit: Limit(kind: .high, value: 4.5), hysteresis: 0.3, onDelay: .zero,
                offDelay: .zero, since: nil, held: .zero, gate: nil, gateState: nil, reason: nil,
                hold: .zero))
        let line = EventText(.conditionChanged(transition), legend: try legend())
        #expect(line.level == .warning)
        #expect(
            line.sentence == "press-1 gearbox: vibration-zone inactive → active "
                + "(maintenance-required), gearbox/z-velocity-rms 5.4 mm/s, limit-high 4.5: "
                + "Plan a new gearbox")
    }
}

@Suite struct `What is said of errors` {
    @Test(arguments: [
        (BufferError.locked(directory: "/pond"), 69 as Int32),
        (.unusable(path: "/pond", reason: .errno(13)), 77),
        (.unusable(path: "/pond", reason: .notADirectory), 73),
        (.unusable(path: "/pond/millpond.mark", reason: .notAFile), 73),
        (.unusable(path: "/pond", reason: .foreign), 65),
        (.unusable(path: "/pond", reason: .newerSchema(9)), 65),
        (.storage(code: 10, operation: "seal"), 74),
        (.storage(code: 11, operation: "seal"), 65),
    ])
    func `a buffer that cannot be used ends by its kind and names the place`(
        error: BufferError, code: Int32
    ) {
        #expect(ErrorText.exitCode(of: error).rawValue == code)
        if case .storage = error {
            #expect(ErrorText.of(error).contains("result code 1"))
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
