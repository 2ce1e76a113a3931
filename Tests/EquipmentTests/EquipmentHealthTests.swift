// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@Suite struct EquipmentHealthTests {
    let temperature = signal("drive", "temperature")
    let vibration = signal("gearbox", "vibration")
    let running = signal("drive", "running")

    static func signal(_ device: String, _ name: String) -> Signal {
        Signal(equipment: "press-1", device: device, signal: name, unit: nil, role: nil)
    }

    func health(_ rules: [ConditionRule]) -> EquipmentHealth {
        EquipmentHealth(
            equipment: "press-1", rules: rules, signals: [temperature, vibration, running],
            from: at(0)
        ) { _ in .seconds(1) }
    }

    func reading(_ signal: Signal, _ content: Reading.Content, _ second: Double) -> Reading {
        Reading(signal: signal, time: at(second).time, content: content)
    }

    var rules: [ConditionRule] {
        [
            rule(onDelay: .seconds(2), gate: "drive/running"),
            rule(
                "vibration-zone", on: "gearbox/vibration", component: "gearbox",
                limits: .init(high: 4.5, criticalHigh: 7.1), hysteresis: 0.5,
                status: .maintenanceRequired),
        ]
    }

    @Test func `health is unknown until something has been judged`() {
        var health = health(rules)
        #expect(health.snapshot.status == nil)
        #expect(health.snapshot.coverage == 0)
        #expect(health.snapshot.conditions.map(\.state) == [.unknown, .unknown])
        let transitions = health.observe([reading(vibration, good(1), 0)], at: at(0))
        #expect(transitions.map(\.condition) == ["vibration-zone"])
        #expect(transitions.map(\.index) == [100])
        #expect(health.snapshot.status == .normal)
        #expect(health.snapshot.coverage == 0.5)
    }

    @Test func `while its only condition is pending, a machine is not yet normal`() {
        var health = health([rules[0]])
        let readings = [
            reading(temperature, good(130), 0), reading(running, .good(.boolean(true)), 0),
        ]
        #expect(health.observe(readings, at: at(0)).isEmpty)
        #expect(health.snapshot.status == nil)
        #expect(health.tick(at: at(2)).map(\.status) == [.offSpec])
        #expect(health.snapshot.status == .offSpec)
    }

    @Test func `silence is unknown at once, though what is active stays on record`() {
        var health = health(rules)
        _ = health.observe([reading(vibration, good(5), 0)], at: at(0))
        #expect(health.snapshot.status == .maintenanceRequired)
        #expect(health.observe([reading(vibration, .bad(.noAnswer), 1)], at: at(1)).isEmpty)
        #expect(health.snapshot.status == nil)
        #expect(health.snapshot.flags.isEmpty)
        #expect(health.snapshot.index == nil)
        #expect(health.snapshot.conditions[1].state == .active)
    }

    @Test func `an equipment without conditions is judged by nobody`() {
        var health = health([])
        #expect(health.observe([reading(vibration, good(5), 0)], at: at(0)).isEmpty)
        #expect(health.snapshot.status == nil)
        #expect(health.snapshot.index == nil)
    }

    @Test func `the worst status counts, all flags are told, the index has every factor`() {
        var health = health(
            rules + [
                rule(
                    "worn", on: "gearbox/vibration", component: "gearbox", limits: .init(high: 5),
                    hysteresis: 0, status: .maintenanceRequired)
            ])
        let readings = [
            reading(running, .good(.boolean(true)), 0), reading(temperature, good(130), 0),
            reading(vibration, good(5.54), 0),
        ]
        _ = health.observe(readings, at: at(0))
        // Two conditions of one cause count once: .1 + .2 × 1.04 / 2.6 = .18.
        #expect(health.snapshot.index == 82)
        _ = health.tick(at: at(2))
        #expect(health.snapshot.status == .offSpec)
        #expect(health.snapshot.flags == [.offSpec, .maintenanceRequired])
        // 100 × (1 − .18) × (1 − .3)
        #expect(health.snapshot.index == 57)
    }

    @Test func `a check of the function freezes the index, a failure does not wait for it`() {
        var health = health([
            rule(
                "service-mode", on: "drive/running", component: nil, limits: .init(high: 1),
                hysteresis: 0, status: .checkFunction), rules[1],
        ])
        func observe(_ signal: Signal, _ content: Reading.Content, _ second: Double) -> Int? {
            _ = health.observe([reading(signal, content, second)], at: at(second))
            return health.snapshot.index
        }
        #expect(observe(running, good(0), 0) == 100)
        #expect(observe(vibration, good(4.5), 0) == 89)
        #expect(observe(running, good(1), 1) == 89)
        #expect(observe(vibration, good(7), 2) == 89)
        #expect(health.snapshot.status == .checkFunction)
        #expect(observe(vibration, good(7.1), 3) == 0)
        #expect(health.snapshot.status == .failure)
    }

    @Test(
        arguments: [
            ([], .checkFunction), ([.unknown], .checkFunction), ([.answering], .normal),
            ([.answering, .unknown], .checkFunction), ([.answering, .suspect], .offSpec),
            ([.suspect, .unknown], .checkFunction), ([.unknown, .offline], .failure),
            ([.refused, .answering], .failure),
        ] as [([DeviceState], HealthStatus)])
    func `the data's status is that of its worst device`(
        states: [DeviceState], expected: HealthStatus
    ) {
        let health = HealthSnapshot(status: nil, flags: [], index: nil, coverage: 1, conditions: [])
        let equipment = EquipmentSnapshot(
            id: "press-1", label: nil, area: nil, criticality: nil, model: "", health: health,
            devices: states.map { DeviceSnapshot(device: "d", state: $0, since: at(0).time) },
            signals: [])
        #expect(equipment.dataStatus == expected)
    }
}
