// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Simulator

@Suite struct MachineTests {
    static let seeds: [UInt64] = [1, 8, 2026]

    func machine(_ seed: UInt64) -> Machine {
        Machine(random: SeededGenerator(seed: seed), wear: 0.4, life: 900)
    }

    @Test(arguments: seeds) func `a machine depends on its seed and the time alone`(seed: UInt64) {
        var coarse = machine(seed)
        var fine = machine(seed)
        coarse.step(by: .seconds(300))
        for _ in 0..<1_200 { fine.step(by: .milliseconds(250)) }
        #expect(coarse == fine)
        var other = machine(seed + 1)
        other.step(by: .seconds(300))
        #expect(other.speed != coarse.speed || other.windingCelsius != coarse.windingCelsius)
    }

    @Test(arguments: seeds)
    func `an hour has starts and stops, warming up, and wear that crosses a limit`(seed: UInt64) {
        var machine = machine(seed)
        let startsBefore = machine.starts
        var stops = 0
        var hottest = 0.0
        var roughest = 0.0
        var wasRunning = false
        var services = 0
        var lastWear = machine.wear
        for _ in 0..<3_600 {
            machine.step(by: .seconds(1))
            if wasRunning, !machine.isRunning { stops += 1 }
            if machine.wear < lastWear { services += 1 }
            (wasRunning, lastWear) = (machine.isRunning, machine.wear)
            hottest = max(hottest, machine.windingCelsius)
            roughest = max(roughest, machine.vibration)
        }
        #expect(machine.starts - startsBefore >= 10)
        #expect(stops >= 10)
        #expect((45...130).contains(hottest))
        #expect(roughest > 4.5)
        #expect(services >= 1)
    }

    @Test(arguments: seeds)
    func `what the meter shows agrees with itself and with the drive`(seed: UInt64) {
        var machine = machine(seed)
        for _ in 0..<200 {
            let before = machine.supply.activeEnergy
            machine.step(by: .seconds(9))
            let supply = machine.supply
            let total = supply.phases.reduce(0) { $0 + $1.active }
            #expect(abs(total - supply.active) < 1e-9)
            let square = supply.active * supply.active + supply.reactive * supply.reactive
            #expect(abs(supply.apparent * supply.apparent - square) < 1e-6)
            for phase in supply.phases {
                #expect(abs(phase.current * phase.voltage / 1_000 - phase.apparent) < 1e-9)
                #expect((200...245).contains(phase.voltage))
            }
            #expect((0.3...1).contains(supply.powerFactor))
            #expect((49.9...50.1).contains(supply.frequency))
            #expect((370...420).contains(supply.voltageBetween(1)))
            #expect(supply.active >= machine.drivePower)
            #expect(supply.activeEnergy > before)
        }
    }

    @Test func `at rest a machine cools down, stands still and takes hardly any power`() throws {
        var machine = machine(1)
        var rested = false
        for _ in 0..<3_600 where !rested {
            machine.step(by: .seconds(1))
            guard machine.duty.phase != .running, machine.speed == 0 else { continue }
            rested = true
            #expect(machine.vibration < 0.1)
            #expect(machine.motorCurrent == 0)
            #expect(machine.supply.active < 1)
        }
        #expect(rested)
    }

    @Test(
        arguments: [
            (1, "kW", "W", 1_000), (1, "mm/s", "[in_i]/s", 1 / 25.4), (100, "Cel", "[degF]", 212),
            (1, "kV.A", "V.A{reactive}", 1_000), (50, "%", "1", 0.5), (3, "kW.h", "furlong", 3),
            (1_480, "/min", "{rev}/min", 1_480), (2, "kW", nil, 2), (2, "kW", "A", 2),
        ] as [(Double, String, String?, Double)])
    func `numbers are converted between units of one kind`(
        number: Double, from: String, to: String?, expected: Double
    ) {
        #expect(abs(UnitConversion.convert(number, from: from, to: to) - expected) < 1e-9)
    }
}
