// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A machine's working day in small: it stops, starts, carries changing loads, and now and then
/// trips on a fault.
struct DutyCycle: Hashable, Sendable {
    enum Phase: Hashable, Sendable { case stopped, running, tripped }

    /// A press or pump works for a minute or four, rests for less, and trips rarely.
    private static let runs = 60.0...240.0
    private static let rests = 15.0...45.0
    private static let trips = 20.0...40.0
    private static let chanceOfTrip = 0.08
    private static let loadSteps = 10.0...40.0

    private(set) var phase = Phase.stopped
    /// The load that the process asks for, 0–1.1 of the rating.
    private(set) var demand = 0.0
    private var secondsInPhase: Double
    private var secondsOfLoad = 0.0

    /// Starts within the first seconds, so that nobody waits for something to happen.
    init(random: inout SeededGenerator) {
        secondsInPhase = random.number(2...10)
    }

    /// Advances by `seconds`, and says whether the machine has just started.
    mutating func step(_ seconds: Double, random: inout SeededGenerator) -> Bool {
        secondsInPhase -= seconds
        secondsOfLoad -= seconds
        if phase == .running, secondsOfLoad <= 0 {
            demand = random.number(0.35...1.05)
            secondsOfLoad = random.number(Self.loadSteps)
        }
        guard secondsInPhase <= 0 else { return false }
        switch phase {
        case .stopped, .tripped:
            phase = .running
            secondsInPhase = random.number(Self.runs)
            secondsOfLoad = 0
            return true
        case .running:
            let hasTripped = random.number(0...1) < Self.chanceOfTrip
            phase = hasTripped ? .tripped : .stopped
            secondsInPhase = random.number(hasTripped ? Self.trips : Self.rests)
            demand = 0
            return false
        }
    }
}
