// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment

@testable import Delivery

/// A small factory with everything that the page must be able to show.
enum SamplePlant {
    static let now = Timestamp(milliseconds: 1_795_136_643_120)  // 2026-11-20T01:04:03.120Z

    static let equipment: [EquipmentSnapshot] = [
        press, pump, compressor, conveyor, oven, lathe, chiller, robot,
    ]

    static let status = GatewayStatus(
        gateway: "edge-07", site: "suzhou-2", version: "0.1.0", now: now,
        started: ago(.seconds(3 * 86_400 + 4_000)), uptime: .seconds(3 * 86_400 + 4_000),
        configuration: "/etc/millpond/millpond.yaml", clock: .synced,
        counters: [
            .init(name: "polls", count: 1_843_202), .init(name: "unanswered", count: 1_204),
            .init(name: "readings", count: 129_384_112), .init(name: "transitions", count: 42),
        ],
        connections: SampleLines.connections, countedSince: ago(.seconds(86_400)), obstacles: [])

    static func ago(_ duration: Duration) -> Timestamp {
        Timestamp(milliseconds: now.milliseconds - duration.milliseconds)
    }

    static func signal(
        _ equipment: String, _ name: String, _ unit: String?, _ content: Reading.Content,
        role: Role? = nil, age: Duration? = .milliseconds(412)
    ) -> SignalSnapshot {
        let parts = name.split(separator: "/")
        return SignalSnapshot(
            signal: Signal(
                equipment: equipment, device: String(parts[0]), signal: String(parts[1]),
                unit: unit, role: role),
            content: content, time: age.map(ago), age: age)
    }

    static func device(
        _ name: String, _ state: DeviceState = .answering, _ since: Duration = .seconds(7_920)
    ) -> DeviceSnapshot {
        DeviceSnapshot(device: name, state: state, since: ago(since))
    }

    static func health(
        _ status: HealthStatus?, index: Int?, coverage: Double = 1,
        _ conditions: [ConditionSnapshot] = []
    ) -> HealthSnapshot {
        HealthSnapshot(
            status: status, flags: conditions.filter { $0.state == .active }.map(\.status),
            index: index, coverage: coverage, conditions: conditions)
    }

    static func condition(
        _ name: String, _ component: String?, _ state: ConditionState, _ status: HealthStatus,
        _ text: String, _ action: String?, since: Duration = .seconds(11_520)
    ) -> ConditionSnapshot {
        ConditionSnapshot(
            condition: name, component: component, state: state, since: ago(since),
            status: status, text: text, action: action)
    }

    static func machine(
        _ id: String, _ label: String?, _ area: String?, _ health: HealthSnapshot,
        _ devices: [DeviceSnapshot], _ signals: [SignalSnapshot]
    ) -> EquipmentSnapshot {
        EquipmentSnapshot(
            id: id, label: label, area: area, criticality: 0.8,
            model: "sha256:" + String(repeating: "5f", count: 32), health: health,
            devices: devices, signals: signals)
    }
}
