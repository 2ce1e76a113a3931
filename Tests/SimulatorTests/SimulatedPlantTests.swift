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

    func words(
        _ plant: inout SimulatedPlant, _ connection: String, unit: UInt8, _ table: Table,
        from start: UInt16, count: Int
    ) throws -> [UInt16] {
        let request = Request(unit: unit, table: table, start: start, count: count)
        let answer = plant.answer(request, on: connection)
        guard case .words(let words) = answer else {
            Issue.record("\(answer)")
            return Array(repeating: 0, count: count)
        }
        return words
    }

    func float(_ high: UInt16, _ low: UInt16) -> Double {
        Double(Float(bitPattern: UInt32(high) << 16 | UInt32(low)))
    }

    @Test func `every signal stands in its registers, as its profile says`() throws {
        var plant = plant()
        for _ in 0..<120 {
            plant.step(by: .seconds(1))
            let machine = try #require(plant.machines["press-1"])
            let low = try words(&plant, "plc", unit: 1, .holding, from: 3, count: 9)
            let status: UInt16 = machine.hasTripped ? 8 : machine.isRunning ? 3 : 1
            #expect(low[0] == status)
            let speed = try #require(plant.number(of: "speed", device: "press-1/drive"))
            #expect(abs(Double(Int16(bitPattern: low[1])) - speed) <= 0.5)
            #expect(abs(Double(low[2]) * 0.1 - machine.motorCurrent) <= 0.0501)
            #expect(low[3...6].allSatisfy { $0 == 0 })
            #expect(float(low[8], low[7]) == Double(Float(machine.drivePower)))
            let winding = try words(&plant, "plc", unit: 1, .holding, from: 20, count: 1)
            #expect(abs(Double(winding[0]) * 0.1 - machine.windingCelsius) <= 0.0501)
            let starts = try words(&plant, "plc", unit: 1, .holding, from: 30, count: 2)
            #expect(Int(starts[0]) << 16 | Int(starts[1]) == machine.starts)
            let valve = try words(&plant, "plc", unit: 1, .holding, from: 50, count: 1)
            #expect((450...550).contains(valve[0]))
        }
        let model = try words(&plant, "plc", unit: 1, .holding, from: 40, count: 6)
        #expect(model == [0x5349, 0x4D20, 0x4472, 0x6976, 0x6500, 0])
    }

    @Test func `the meter shows what the drive of its equipment takes`() throws {
        var plant = plant()
        for _ in 0..<120 {
            plant.step(by: .seconds(1))
            let machine = try #require(plant.machines["press-1"])
            let powers = try words(&plant, "meters", unit: 4, .input, from: 52, count: 2)
            let power = float(powers[0], powers[1])
            #expect(power >= machine.drivePower * 1_000)
            #expect(abs(power - (machine.drivePower / 0.97 + 0.35) * 1_000) < 0.01)
            let phase = try words(&plant, "meters", unit: 4, .input, from: 14, count: 2)
            #expect(
                float(phase[0], phase[1]) == Double(Float(machine.supply.phases[1].active * 1_000)))
            let current = try words(&plant, "meters", unit: 4, .input, from: 8, count: 2)
            #expect(
                float(current[0], current[1]) == Double(Float(machine.supply.phases[1].current)))
        }
    }

    @Test func `the same seed makes the same plant, another one another`() {
        func history(_ seed: UInt64) -> [[UInt16]] {
            var plant = plant(seed: seed)
            return (0..<60).compactMap { _ in
                plant.step(by: .seconds(1))
                let request = Request(unit: 2, table: .holding, start: 3, count: 28)
                guard case .words(let words) = plant.answer(request, on: "plc") else { return nil }
                return words
            }
        }
        #expect(history(1) == history(1))
        #expect(history(1).count == 60)
        #expect(history(1) != history(2))
    }

    @Test func `beyond its registers a device refuses, where there is none there is silence`() {
        var plant = plant()
        func answer(_ unit: UInt8, _ table: Table, _ start: UInt16, _ connection: String = "plc")
            -> SimulatedPlant.Answer
        {
            plant.answer(Request(unit: unit, table: table, start: start, count: 1), on: connection)
        }
        #expect(answer(1, .holding, 2) == .exception(2))
        #expect(answer(1, .holding, 51) == .exception(2))
        #expect(answer(1, .input, 3) == .exception(2))
        #expect(answer(1, .holding, 12) == .words([0]))
        #expect(answer(3, .holding, 3) == .silence)
        #expect(answer(4, .input, 0) == .silence)
        #expect(answer(1, .holding, 3, "nowhere") == .silence)
    }

    @Test func `a fault is committed by its device alone, in its time`() throws {
        var plant = plant()
        let silence = try ScheduledFault(parsing: "press-1/drive=silent@20s+30s")
        let isKnown = plant.commit(silence)
        #expect(isKnown)
        let nowhere = try ScheduledFault(parsing: "press-1/gearbox=silent")
        let isNowhere = !plant.commit(nowhere)
        #expect(isNowhere)
        func kind(_ unit: UInt8) -> Fault? {
            let request = Request(unit: unit, table: .holding, start: 3, count: 1)
            guard case .fault(let kind, let words) = plant.answer(request, on: "plc") else {
                return nil
            }
            #expect(words?.count == 1)
            return kind
        }
        #expect(kind(1) == nil)
        plant.step(by: .seconds(20))
        #expect(kind(1) == .silent)
        #expect(kind(2) == nil)
        let refusal = ScheduledFault(.exception(4), of: "press-1/drive", from: .zero, lasting: nil)
        let isRefusing = plant.commit(refusal)
        #expect(isRefusing)
        #expect(kind(1) == .exception(4))
        plant.repair("press-1/drive")
        #expect(kind(1) == nil)
    }
}
