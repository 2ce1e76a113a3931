// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

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

    /// A counter that was found lower than before; its reading is among the observations.
    struct Step: Equatable, Sendable {
        /// Index in the plan.
        let signal: Int
        let step: CounterStep
    }

    /// Index of the connection in the plan.
    let line: Int
    /// When the answer arrived, or was given up.
    let at: Moment
    var observations: [Observation] = []
    var steps: [Step] = []
    var devices: [DeviceChange] = []
    var events: [PlantEvent] = []
    var tally = Tally()
    /// Whether the connection is there, where that is news.
    var isConnected: Bool?
}

/// Counts of what a line did.
package struct Tally: Hashable, Sendable {
    /// Requests sent.
    package var polls = 0
    /// Requests without a usable answer; an exception is one.
    package var failures = 0
    /// Slots of the grid that passed before their request could be sent.
    package var overruns = 0
    /// Time spent on the wire, waiting for answers.
    package var busy = Duration.zero

    static func += (left: inout Tally, right: Tally) {
        left.polls += right.polls
        left.failures += right.failures
        left.overruns += right.overruns
        left.busy += right.busy
    }
}
