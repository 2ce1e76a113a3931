// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import Equipment
internal import Modbus

extension AcquisitionStatus {
    /// The connections, each device with what it was found not to give, in words.
    var explained: [ConnectionSnapshot] {
        let facts = Dictionary(grouping: learnt, by: \.device)
        guard !facts.isEmpty else { return connections }
        var connections = connections
        for line in connections.indices {
            for place in connections[line].devices.indices {
                let asked = connections[line].devices[place]
                let name = DeviceName(equipment: asked.equipment, device: asked.device.device)
                connections[line].devices[place].learnt =
                    facts[name]?.map(LearntSnapshot.init) ?? []
            }
        }
        return connections
    }
}

extension LearntSnapshot {
    fileprivate init(_ status: LearntStatus) {
        let fact = status.fact
        self.init(
            table: fact.table.rawValue, matter: Matter(fact.matter),
            exception: fact.refusal.exception, since: fact.since, signals: status.signals,
            text: LearntText.line(of: fact, status.signals))
    }
}

extension LearntSnapshot.Matter {
    fileprivate init(_ matter: LearntFact.Matter) {
        switch matter {
        case .value(let extent): self = .value(extent)
        case .across(let address): self = .across(address)
        case .more(let limit): self = .more(than: limit)
        }
    }
}

extension LearntFact.Refusal {
    fileprivate var exception: UInt8? {
        if case .exception(let code) = self { code } else { nil }
    }
}
