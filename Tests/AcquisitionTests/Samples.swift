// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus

@testable import Acquisition
@testable import Plant

extension Gathering {
    /// What is due where the next look is a millisecond away.
    func due(at now: Duration) -> Batch? { due(at: now, before: now + .milliseconds(1)) }
}

extension ProfileSignal {
    /// A holding register signal without scale, range or sentinels.
    static func sample(
        _ encoding: RegisterLayout.Encoding = .uint16, order: RegisterLayout.Order = .abcd,
        width: Int = 1, name: String = "s", table: Table = .holding, at address: UInt16 = 0,
        every: Duration? = nil
    ) -> ProfileSignal {
        ProfileSignal(
            name: name, table: table, address: address,
            layout: RegisterLayout(encoding: encoding, order: order, width: width), scale: 1,
            offset: 0, unit: nil, role: nil, range: nil, unavailable: [], every: every,
            publishing: .always, bits: [:])
    }
}

extension Profile {
    static func sample(
        _ signals: [ProfileSignal], maxRegisters: Int = 60, maxGap: Int = 8,
        requestGap: Duration = .zero, every: Duration? = .seconds(1)
    ) -> Profile {
        Profile(
            id: "test/device", vendor: "Test", model: "Device", kind: nil, source: "none",
            text: "test", maxRegisters: maxRegisters, maxGap: maxGap, requestGap: requestGap,
            every: every, signals: signals, gates: [:], health: [])
    }
}

extension Configuration {
    static func sample(
        connections: [Connection], equipment: [EquipmentDescription],
        sealEvery: Duration = .seconds(10)
    ) -> Configuration {
        Configuration(
            gateway: "test", site: nil, connections: connections, equipment: equipment,
            profiles: [],
            buffer: BufferSettings(
                directory: "", limit: 1 << 30, sealEvery: sealEvery, keepAcknowledged: .zero,
                whenFull: .drop),
            pull: PullSettings(
                host: "127.0.0.1", port: 0, tokens: nil, tls: nil, insecureLAN: false))
    }

    /// One connection and one equipment with a device for each profile, as units 1, 2, 3 ….
    static func sample(
        _ profiles: [Profile], endpoint: Endpoint = .tcp(host: "127.0.0.1", port: 1),
        timeout: Duration = .seconds(1), conditions: [ConditionRule] = [],
        sealEvery: Duration = .seconds(10)
    ) -> Configuration {
        sample(
            connections: [Connection(name: "line", endpoint: endpoint, timeout: timeout)],
            equipment: [
                EquipmentDescription(
                    id: "press-1", label: nil, area: nil, criticality: nil,
                    devices: profiles.enumerated().map { index, profile in
                        Device(
                            name: "d\(index + 1)", profile: profile, via: "line",
                            unit: UInt8(index + 1), every: nil, component: nil)
                    },
                    conditions: conditions)
            ],
            sealEvery: sealEvery)
    }
}

extension Boot {
    /// It had lasted a minute when the gateway was started.
    static let sample = Boot(id: "5f0c", started: Uptime(milliseconds: 60_000))
}

extension Moment {
    /// So many seconds after a start at 2026-11-20T00:00:00Z, both clocks agreeing.
    static func at(_ seconds: Double) -> Moment {
        Moment(
            monotonic: .seconds(seconds),
            time: Timestamp(milliseconds: 1_795_132_800_000 + Int64(seconds * 1000)))
    }
}
