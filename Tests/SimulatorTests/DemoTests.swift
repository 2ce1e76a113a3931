// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Plant
import Testing

@testable import Simulator

@Suite struct DemoTests {
    /// As if built here: the devices folder of this tree stands above it.
    static let binary = #filePath.replacing(
        "Tests/SimulatorTests/DemoTests.swift", with: ".build/debug/millpond")

    static func configuration(
        controller: UInt16 = 15_502, deviceServer: UInt16 = 15_503, serial: String = "/tmp/it's"
    ) throws -> (configuration: Configuration, notes: Int) {
        let text = Demo.configuration(
            at: Demo.Places(
                controllerPort: controller, deviceServerPort: deviceServer, serial: serial,
                directory: "/tmp/millpond-demo", listen: "127.0.0.1:8470"))
        let (configuration, notes) = try Configuration.read(
            text: text, file: "demo.yaml", profilesBeside: Self.binary)
        return (configuration, notes.count)
    }

    @Test func `the demo is a configuration like any other, of ten devices on three wires`() throws
    {
        let (configuration, _) = try Self.configuration()
        #expect(configuration.equipment.flatMap(\.devices).count == 10)
        #expect(Set(configuration.equipment.flatMap(\.devices).map(\.profile.id)).count == 3)
        #expect(configuration.connections.count == 3)
        #expect(configuration.equipment.allSatisfy { !$0.conditions.isEmpty })
        let serial = configuration.connections.compactMap { connection in
            if case .serial(let path, let format) = connection.endpoint {
                (path, format)
            } else {
                nil
            }
        }
        #expect(serial.map(\.0) == ["/tmp/it's"])
        #expect(serial.map(\.1.parity) == [.none])
    }

    /// Drives the demo's plant and health for two minutes without waiting for them.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `within two minutes the demo's first gearbox needs maintenance`(seed: UInt64) throws {
        let (configuration, _) = try Self.configuration()
        let press = configuration.equipment[0]
        let rule = try #require(press.conditions.first { $0.condition == "vibration-zone" })
        var plant = SimulatedPlant(configuration, seed: seed, presence: .steady)
        var condition = Condition(
            rule, of: "press-1", unit: "mm/s", period: .seconds(1), from: moment(0))
        var raisedAt: Int?
        for second in 1...120 {
            plant.step(by: .seconds(1))
            let status = try #require(plant.number(of: "status", device: "press-1/drive"))
            let isRunning = Int(status) & 4 != 0
            let gated = condition.observeGate(.good(.boolean(isRunning)), at: moment(second))
            let vibration = try #require(
                plant.number(of: "z-velocity-rms", device: "press-1/gearbox"))
            let judged = condition.observe(.good(.number(vibration)), at: moment(second))
            if (gated ?? judged)?.to == .active, raisedAt == nil { raisedAt = second }
        }
        #expect(raisedAt != nil)
    }

    func moment(_ second: Int) -> Moment {
        Moment(monotonic: .seconds(second), time: Timestamp(milliseconds: Int64(second) * 1_000))
    }

    /// No simulated value is one that the gateway would take for a broken sensor.
    @Test func `for an hour every number stays within its signal's range`() throws {
        let (configuration, _) = try Self.configuration()
        var plant = SimulatedPlant(configuration, seed: 5, presence: .steady)
        for _ in 0..<120 {
            plant.step(by: .seconds(30))
            for equipment in configuration.equipment {
                for device in equipment.devices {
                    for signal in device.profile.signals {
                        let path = "\(equipment.id)/\(device.name)"
                        let number = try #require(plant.number(of: signal.name, device: path))
                        #expect(number.isFinite)
                        if let range = signal.range {
                            #expect(range.contains(number), "\(path)/\(signal.name) \(number)")
                        }
                    }
                }
            }
        }
    }
}
