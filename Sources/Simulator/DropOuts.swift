// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// When a device drops off by itself, and comes back: a loose plug, a breaker, a restart.
package struct DropOuts: Hashable, Sendable {
    package enum Presence: Hashable, Sendable {
        /// Always there, as tests want it.
        case steady
        /// There for minutes, away for seconds.
        case wavering
    }

    private static let present = 60.0...900.0
    private static let away = 8.0...25.0

    package private(set) var isAway = false
    private let presence: Presence
    private var secondsLeft: Double
    private var random: SeededGenerator

    package init(_ presence: Presence, random: SeededGenerator) {
        self.presence = presence
        self.random = random
        secondsLeft = self.random.number(Self.present)
    }

    package mutating func step(by duration: Duration) {
        guard presence == .wavering else { return }
        secondsLeft -= duration / .seconds(1)
        while secondsLeft <= 0 {
            isAway.toggle()
            secondsLeft += random.number(isAway ? Self.away : Self.present)
        }
    }
}
