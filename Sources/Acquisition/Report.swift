// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Modbus

/// What one step of a line brought, handed over in one piece: everything in it has one time.
struct Report: Sendable {
    /// What a poll, or its absence, says of one signal.
    struct Observation: Hashable, Sendable {
        /// Index in the plan.
        let signal: Int
        let content: Reading.Content
    }

    /// A device's new state as a source of data.
    struct DeviceChange: Hashable, Sendable {
        /// Index in the plan.
        let device: Int
        let state: DeviceState
    }

    /// All that is known of a device, where that has changed.
    struct LearntChange: Hashable, Sendable {
        /// Index in the plan.
        let device: Int
        let facts: [LearntFact]
    }

    /// A counter that was found lower than before; its reading is among the observations.
    struct Step: Equatable, Sendable {
        /// Index in the plan.
        let signal: Int
        let step: CounterStep
    }

    /// One request, and how it went.
    struct Poll: Hashable, Sendable {
        /// Among the devices of its line.
        let device: Int
        let request: Request
        let outcome: Traffic.Outcome
        /// Monotonic; it ended at the report's time.
        let began: Duration
        /// When it was due on its grid; nil for a probe, a refresh and a repetition.
        let due: Duration?
        /// Slots of the grid that passed before it could be sent.
        let overruns: Int
    }

    /// Index of the connection in the plan.
    let line: Int
    /// When the answer arrived, or was given up.
    let at: Moment
    var observations: [Observation] = []
    var steps: [Step] = []
    var devices: [DeviceChange] = []
    var events: [PlantEvent] = []
    var learnt: LearntChange?
    /// What was asked, if anything was.
    var poll: Poll?
    /// What its link has met since it was made, where something was asked.
    var link: LinkCounts?
    /// Whether the connection is there, where that is news.
    var isConnected: Bool?
}
