// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment

/// Two connections: a serial line with a dead device, and a controller that is gone.
enum SampleLines {
    static let connections = [meters, plc]

    private static var meters: ConnectionSnapshot {
        var line = ConnectionSnapshot(
            connection: "meters", isConnected: true, since: SamplePlant.ago(.seconds(7_920)),
            load: .init(predicted: 0.42, measured: 0.437),
            cycle: .init(predicted: .milliseconds(330), measured: .milliseconds(341)))
        let meter = traffic(answers: 900, exceptions: [2: 3, 131: 1])
        let gearbox = traffic(answers: 90, timeouts: 12)
        line.traffic = traffic(answers: 990, exceptions: [2: 3, 131: 1], timeouts: 12)
        (line.reconnects, line.damagedFrames) = (1, 7)
        (line.strayBytes, line.clarifications) = (19, 2)
        line.devices = [
            device("press-1", "meter", .answering, 4, meter),
            device("press-1", "gearbox", .offline, 11, gearbox),
        ]
        line.devices[0].learnt = [
            LearntSnapshot(
                table: "holding", matter: .value(37..<39), exception: 2,
                since: SamplePlant.ago(.seconds(600)), signals: ["flow"],
                text: "answers with exception 2 to holding 37–38 (flow): compare <it>"),
            LearntSnapshot(
                table: "input", matter: .across(80), exception: 3,
                since: SamplePlant.ago(.seconds(60)), signals: ["level", "speed"],
                text: "answers with exception 3 to input from below and from 80 on"),
            LearntSnapshot(
                table: "input", matter: .more(than: 60), exception: nil,
                since: SamplePlant.ago(.seconds(50)), signals: [],
                text: "leaves unanswered more than 60 registers of input in one request"),
        ]
        return line
    }

    private static var plc: ConnectionSnapshot {
        var line = ConnectionSnapshot(
            connection: "plc", isConnected: false, since: SamplePlant.ago(.seconds(60)),
            load: .init(predicted: 0.01, measured: nil),
            cycle: .init(predicted: .milliseconds(10), measured: nil))
        line.otherFraming = 3
        line.devices = [device("oven-1", "controller", .offline, 1, Traffic())]
        return line
    }

    private static func device(
        _ equipment: String, _ name: String, _ state: DeviceState, _ unit: UInt8,
        _ traffic: Traffic
    ) -> DeviceTraffic {
        DeviceTraffic(
            equipment: equipment, device: SamplePlant.device(name, state), unit: unit,
            traffic: traffic, load: .init(predicted: 0.2, measured: 0.21))
    }

    private static func traffic(
        answers: Int, exceptions: [UInt8: Int] = [:], timeouts: Int = 0
    ) -> Traffic {
        var traffic = Traffic()
        for number in 0..<answers {
            traffic.add(
                .answer, took: .milliseconds(20 + number % 10), lateness: .milliseconds(2),
                overruns: number == 0 ? 5 : 0)
        }
        for (code, count) in exceptions {
            for _ in 0..<count {
                traffic.add(
                    .exception(code), took: .milliseconds(9), lateness: nil, overruns: 0)
            }
        }
        for _ in 0..<timeouts {
            traffic.add(.timeout, took: .seconds(1), lateness: nil, overruns: 0)
        }
        return traffic
    }
}
