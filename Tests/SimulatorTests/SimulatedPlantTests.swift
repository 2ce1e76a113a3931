// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus
import Plant
import Testing

@testable import Simulator

@Suite struct SimulatedPlantTests {
    let folder: TemporaryFolder
    let configuration: Configuration

    init() throws {
        folder = try TemporaryFolder()
        configuration = try PlantFixture.configuration(
            in: folder, connections: PlantFixture.twoSockets)
    }

    func plant(seed: UInt64 = 7) -> SimulatedPlant {
        SimulatedPlant(configuration, seed: seed, presence: .steady)
    }

    typealias Address = SimulatedPlant.Address

    func words(
        _ plant: SimulatedPlant, _ connection: String, unit: UInt8, _ table: Table,
        from start: UInt16, count: Int
    ) throws -> [UInt16] {
        let image = plant.registers(at: Address(connection: connection, unit: unit))
        let run = try #require(
            image?.runs.first { run in
                run.table == table && run.start <= start
                    && Int(start) + count <= Int(run.start) + run.words.count
            })
        let offset = Int(start - run.start)
        return Array(run.words[offset..<(offset + count)])
    }

    func float(_ high: UInt16, _ low: UInt16) -> Double {
        Double(Float(bitPattern: UInt32(high) << 16 | UInt32(low)))
    }

    @Test func `a unit says who it is in its profile's words, and that it is none`() throws {
        let plant = plant()
        let objects = plant.identification(at: Address(connection: "plc", unit: 1))?.objects
        let texts = try #require(objects).mapValues { String(decoding: $0, as: UTF8.self) }
        #expect(texts == [0: "Test", 1: "Drive", 2: "simulated", 5: "Drive"])
        #expect(plant.identification(at: Address(connection: "plc", unit: 9)) == nil)
    }

    @Test func `every signal stands in its registers, as its profile says`() throws {
        var plant = plant()
        for _ in 0..<120 {
            plant.step(by: .seconds(1))
            let machine = try #require(plant.machines["press-1"])
            let low = try words(plant, "plc", unit: 1, .holding, from: 3, count: 9)
            let status: UInt16 = machine.hasTripped ? 8 : machine.isRunning ? 3 : 1
            #expect(low[0] == status)
            let speed = try #require(plant.number(of: "speed", device: "press-1/drive"))
            #expect(abs(Double(Int16(bitPattern: low[1])) - speed) <= 0.5)
            #expect(abs(Double(low[2]) * 0.1 - machine.motorCurrent) <= 0.0501)
            #expect(low[3...6].allSatisfy { $0 == 0 })
            #expect(float(low[8], low[7]) == Double(Float(machine.drivePower)))
            let winding = try words(plant, "plc", unit: 1, .holding, from: 20, count: 1)
            #expect(abs(Double(winding[0]) * 0.1 - machine.windingCelsius) <= 0.0501)
            let starts = try words(plant, "plc", unit: 1, .holding, from: 30, count: 2)
            #expect(Int(starts[0]) << 16 | Int(starts[1]) == machine.starts)
            let valve = try words(plant, "plc", unit: 1, .holding, from: 50, count: 1)
            #expect((450...550).contains(valve[0]))
        }
        let model = try words(plant, "plc", unit: 1, .holding, from: 40, count: 6)
        #expect(model == [0x5349, 0x4D20, 0x4472, 0x6976, 0x6500, 0])
    }

    @Test func `the meter shows what the drive of its equipment takes`() throws {
        var plant = plant()
        for _ in 0..<120 {
            plant.step(by: .seconds(1))
            let machine = try #require(plant.machines["press-1"])
            let powers = try words(plant, "meters", unit: 4, .input, from: 52, count: 2)
            let power = float(powers[0], powers[1])
            #expect(power >= machine.drivePower * 1_000)
            #expect(abs(power - (machine.drivePower / 0.97 + 0.35) * 1_000) < 0.01)
            let phase = try words(plant, "meters", unit: 4, .input, from: 14, count: 2)
            #expect(
                float(phase[0], phase[1]) == Double(Float(machine.supply.phases[1].active * 1_000)))
            let current = try words(plant, "meters", unit: 4, .input, from: 8, count: 2)
            #expect(
                float(current[0], current[1]) == Double(Float(machine.supply.phases[1].current)))
        }
    }

    @Test func `the same seed makes the same plant, another one another`() {
        func history(_ seed: UInt64) -> [RegisterImage?] {
            var plant = plant(seed: seed)
            return (0..<60).map { _ in
                plant.step(by: .seconds(1))
                return plant.registers(at: Address(connection: "plc", unit: 2))
            }
        }
        // Compared before the expectation, which would print both histories in full.
        let (first, again, other) = (history(1), history(1), history(2))
        let (isRepeated, isOther) = (first == again, first != other)
        #expect(isRepeated)
        #expect(isOther)
        #expect(!first.contains(nil))
    }

    @Test func `small gaps are filled, and beyond its registers a device has none`() throws {
        let plant = plant()
        let drive = try #require(plant.registers(at: Address(connection: "plc", unit: 1)))
        #expect(drive.runs.map(\.table) == [.coil] + Array(repeating: .holding, count: 4))
        #expect(drive.runs.map(\.start) == [7, 3, 20, 30, 40])
        #expect(drive.runs.map(\.words.count) == [1, 9, 1, 2, 11])
        #expect(drive.runs[1].words.dropFirst(3).prefix(4).allSatisfy { $0 == 0 })
        #expect(plant.registers(at: Address(connection: "plc", unit: 3)) == nil)
        #expect(plant.registers(at: Address(connection: "meters", unit: 1)) == nil)
    }

    @Test func `overlapping signals share their registers`() {
        let image = RegisterImage(
            [
                (.input, 5, [5, 6, 7], [0xFFFF, 0xFFFF, 0xFFFF]),
                (.input, 3, [1, 2, 3], [0xFFFF, 0xFFFF, 0xFFFF]), (.input, 6, [9], [0xFFFF]),
            ], maxGap: 0)
        #expect(image.runs.map(\.words) == [[1, 2, 5, 9, 7]])
    }

    @Test func `a fault is committed by its device alone, in its time`() throws {
        var plant = plant()
        let drive = Address(connection: "plc", unit: 1)
        plant.step(by: .seconds(100))
        let isKnown = plant.commit(try ScheduledFault(parsing: "press-1/drive=silent@20s+30s"))
        #expect(isKnown)
        let isNowhere = !plant.commit(try ScheduledFault(parsing: "press-1/gearbox=silent"))
        #expect(isNowhere)
        #expect(plant.fault(at: drive) == nil)
        plant.step(by: .seconds(20))
        #expect(plant.fault(at: drive) == .silent)
        #expect(plant.fault(at: Address(connection: "plc", unit: 2)) == nil)
        _ = plant.commit(
            ScheduledFault(.exception(4), of: "press-1/drive", from: .zero, lasting: nil))
        #expect(plant.fault(at: drive) == .exception(4))
        let isRepaired = plant.repair("press-1/drive")
        #expect(isRepaired)
        #expect(plant.fault(at: drive) == nil)
        _ = plant.commit(try ScheduledFault(parsing: "press-1/drive=reset+5s"))
        plant.step(by: .seconds(5))
        #expect(plant.fault(at: drive) == nil)
    }

    @Test func `a unit that is read with two profiles answers both`() throws {
        var configuration = configuration
        var panel = configuration.equipment[0].devices[1]
        (panel.name, panel.via, panel.unit) = ("panel", "plc", 1)
        configuration.equipment[0].devices.append(panel)
        var plant = SimulatedPlant(configuration, seed: 7, presence: .steady)
        plant.step(by: .seconds(1))
        #expect(try words(plant, "plc", unit: 1, .holding, from: 3, count: 1) != [0])
        let voltage = try words(plant, "plc", unit: 1, .input, from: 0, count: 2)
        #expect((200...250).contains(float(voltage[0], voltage[1])))
        for path in ["press-1/drive", "press-1/panel"] {
            let isKnown = plant.commit(try ScheduledFault(parsing: "\(path)=silent"))
            #expect(isKnown)
            #expect(plant.fault(at: Address(connection: "plc", unit: 1)) == .silent, "\(path)")
            _ = plant.repair(path)
        }
    }

    @Test func `a device that dropped off is silent`() {
        var plant = SimulatedPlant(configuration, seed: 7, presence: .wavering)
        var absences = 0
        for _ in 0..<3_600 {
            plant.step(by: .seconds(1))
            absences += plant.devices.count { plant.fault(at: $0) == .silent }
        }
        #expect((20...1_000).contains(absences))
    }
}
