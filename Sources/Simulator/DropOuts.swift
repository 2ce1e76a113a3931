// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// When a device drops off by itself, and comes back: a loose plug, a breaker, a restart.
struct DropOuts: Hashable, Sendable {
    private static let present = 60.0...900.0
    private static let away = 8.0...25.0

    private(set) var isAway = false
    private let presence: PlantSimulator.Presence
    private var secondsLeft: Double
    private var random: SeededGenerator

    init(_ presence: PlantSimulator.Presence, random: SeededGenerator) {
        self.presence = presence
        self.random = random
        secondsLeft = self.random.number(Self.present)
    }

    mutating func step(by duration: Duration) {
        guard presence == .wavering else { return }
        secondsLeft -= duration / .seconds(1)
        while secondsLeft <= 0 {
            isAway.toggle()
            secondsLeft += random.number(isAway ? Self.away : Self.present)
        }
    }
}
