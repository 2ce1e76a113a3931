// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// One equipment as it stands now: the model, the latest values, the health with its reasons.
package struct EquipmentSnapshot: Sendable {
    package var id: String
    package var label: String?
    package var area: String?
    package var criticality: Double?
    /// `sha256:<hex>` of everything in the configuration and profiles that describes it.
    package var model: String
    package var health: HealthSnapshot
    package var devices: [DeviceSnapshot]
    package var signals: [SignalSnapshot]

    package init(
        id: String, label: String?, area: String?, criticality: Double?, model: String,
        health: HealthSnapshot, devices: [DeviceSnapshot], signals: [SignalSnapshot]
    ) {
        self.id = id
        self.label = label
        self.area = area
        self.criticality = criticality
        self.model = model
        self.health = health
        self.devices = devices
        self.signals = signals
    }
}

/// The machine's health; where it is not known there is no status.
package struct HealthSnapshot: Hashable, Sendable {
    /// `nil` where health is not known: nobody can mistake silence for normal.
    package var status: HealthStatus?
    /// Every status that an active condition asks for, gravest first.
    package var flags: [HealthStatus]
    /// 0–100, or `nil` where it cannot be said.
    package var index: Int?
    /// The share of the signals needed by conditions that are usable, 0–1; 1 if none is needed.
    package var coverage: Double
    package var conditions: [ConditionSnapshot]

    package init(
        status: HealthStatus?, flags: [HealthStatus], index: Int?, coverage: Double,
        conditions: [ConditionSnapshot]
    ) {
        self.status = status
        self.flags = flags
        self.index = index
        self.coverage = coverage
        self.conditions = conditions
    }
}

/// The state of a condition; `unknown` for lack of data, never taken for `inactive`.
package enum ConditionState: String, CaseIterable, Sendable {
    case unknown, inactive, pending, active, clearing
}

/// One condition as it stands now, with the text and action an operator reads.
package struct ConditionSnapshot: Hashable, Sendable {
    package var condition: String
    package var component: String?
    package var state: ConditionState
    package var since: Timestamp
    package var status: HealthStatus
    package var text: String
    package var action: String?

    package init(
        condition: String, component: String?, state: ConditionState, since: Timestamp,
        status: HealthStatus, text: String, action: String?
    ) {
        self.condition = condition
        self.component = component
        self.state = state
        self.since = since
        self.status = status
        self.text = text
        self.action = action
    }
}

/// The health of a device as a source of data; it says nothing of the machine.
package enum DeviceState: String, CaseIterable, Sendable {
    /// Not asked yet since the start.
    case unknown
    /// The last poll was answered.
    case answering
    /// It missed a poll or two; not yet given up.
    case suspect
    /// It has missed enough polls that it is only probed now.
    case offline
    /// It answers, and refuses all that it is asked.
    case refused
}

/// One device as it stands now.
package struct DeviceSnapshot: Hashable, Sendable {
    package var device: String
    package var state: DeviceState
    package var since: Timestamp

    package init(device: String, state: DeviceState, since: Timestamp) {
        self.device = device
        self.state = state
        self.since = since
    }
}

/// The latest of one signal; `bad(.notYetRead)` until the first poll.
package struct SignalSnapshot: Sendable {
    package var signal: Signal
    package var content: Reading.Content
    /// When the value was read; `nil` before the first poll.
    package var time: Timestamp?
    /// How long ago that is, by the monotonic clock.
    package var age: Duration?

    package init(signal: Signal, content: Reading.Content, time: Timestamp?, age: Duration?) {
        self.signal = signal
        self.content = content
        self.time = time
        self.age = age
    }
}
