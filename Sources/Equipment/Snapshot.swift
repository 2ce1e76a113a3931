// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// One equipment as it stands now: the model, the latest values, the health with its reasons.
package struct EquipmentSnapshot: Sendable {
    /// The key in the configuration.
    package var id: String
    /// For people.
    package var label: String?
    /// Where it stands.
    package var area: String?
    /// 0–1: how much the plant suffers when it stands still.
    package var criticality: Double?
    /// `sha256:<hex>` of everything in the configuration and profiles that describes it.
    package var model: String
    /// Of the machine.
    package var health: HealthSnapshot
    /// As sources of data, in the order of the configuration.
    package var devices: [DeviceSnapshot]
    /// By device, in the order of the profiles.
    package var signals: [SignalSnapshot]

    /// All of it belongs to one instant.
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
    /// One for each rule, in their order.
    package var conditions: [ConditionSnapshot]

    /// As `EquipmentHealth` judges it.
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
    /// As the rule says, as are component and action.
    package var condition: String
    /// The part of the equipment that it is about.
    package var component: String?
    /// Where it stands.
    package var state: ConditionState
    /// When it came to stand there.
    package var since: Timestamp
    /// What it asks for while it is raised.
    package var status: HealthStatus
    /// One line with number, limit and time.
    package var text: String
    /// What to do about it.
    package var action: String?

    /// As `Condition` stands.
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
    /// The key within its equipment.
    package var device: String
    /// As a source of data.
    package var state: DeviceState
    /// When it came into that state.
    package var since: Timestamp

    /// `since` is when `state` last changed, or the start.
    package init(device: String, state: DeviceState, since: Timestamp) {
        self.device = device
        self.state = state
        self.since = since
    }
}

/// The latest of one signal; `bad(.notYetRead)` until the first poll.
package struct SignalSnapshot: Sendable {
    /// Whose value.
    package var signal: Signal
    /// The last of it; a good value that has grown old is `stale`.
    package var content: Reading.Content
    /// When the value was read; `nil` before the first poll.
    package var time: Timestamp?
    /// How long ago that is, by the monotonic clock.
    package var age: Duration?

    /// `time` and `age` are given together, or neither is.
    package init(signal: Signal, content: Reading.Content, time: Timestamp?, age: Duration?) {
        self.signal = signal
        self.content = content
        self.time = time
        self.age = age
    }
}
