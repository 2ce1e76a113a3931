// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A number that wanders around a middle and comes back to it: line voltage, room temperature,
/// anything the simulator knows nothing better about.
struct RandomWalk: Hashable, Sendable {
    private let middle: Double
    private let reach: Double
    /// Seconds after which it has forgotten where it was.
    private let memory: Double
    private(set) var value: Double

    /// Stays within `reach` of `middle`.
    init(around middle: Double, reach: Double, memory: Double) {
        self.middle = middle
        self.reach = reach
        self.memory = memory
        value = middle
    }

    mutating func step(_ seconds: Double, random: inout SeededGenerator) {
        let pull = (middle - value) * min(1, seconds / memory)
        let push = reach * 0.4 * (2 * seconds / memory).squareRoot() * random.bell()
        value = min(max(value + pull + push, middle - reach), middle + reach)
    }
}
