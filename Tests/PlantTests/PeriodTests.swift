// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Plant
import Testing

/// How often a signal is read: its own `every`, else the device's, else the profile's, else 10s.
@Suite struct PeriodTests {
    @Test(arguments: [
        Row("nothing is said", nil, nil, nil, .seconds(10)),
        Row("the profile says", nil, nil, "4s", .seconds(4)),
        Row("the configuration says", nil, "3s", nil, .seconds(3)),
        Row("the configuration beats the profile", nil, "3s", "4s", .seconds(3)),
        Row("the signal says", "2s", nil, nil, .seconds(2)),
        Row("the signal beats the configuration", "2s", "3s", "4s", .seconds(2)),
    ])
    fileprivate func `the nearest word counts`(row: Row) throws {
        let scratch = try Scratch()
        func every(_ value: String?) -> String { value.map { ", every: \($0)" } ?? "" }
        try scratch.file(
            "devices/example/drive/profile.yaml",
            """
            vendor: Example
            model: Drive
            source: none
            modbus: { table: holding, type: uint16\(every(row.profile)) }
            signals: { speed: { at: 2\(every(row.signal)) } }
            """)
        let file = try scratch.file(
            "millpond.yaml",
            """
            connections: { plc: { tcp: 192.0.2.21 } }
            equipment:
              press:
                devices:
                  drive: { profile: example/drive, via: plc, unit: 1\(every(row.device)) }
            """)
        let (configuration, _) = try Configuration.read(
            file: file, profilesBeside: scratch.path + "/bin/millpond")
        let device = configuration.equipment[0].devices[0]
        #expect(device.period(of: device.profile.signals[0]) == row.period)
    }
}

private struct Row: CustomTestStringConvertible {
    var name: String
    var signal: String?
    var device: String?
    var profile: String?
    var period: Duration

    init(
        _ name: String, _ signal: String?, _ device: String?, _ profile: String?, _ period: Duration
    ) {
        self.name = name
        self.signal = signal
        self.device = device
        self.profile = profile
        self.period = period
    }

    var testDescription: String { name }
}
