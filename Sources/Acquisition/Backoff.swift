// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// How patience grows while something stays away: each step waits twice as long as the last, up
/// to a longest, less a random part so that a hundred waiters do not come back at once.
struct Backoff: Equatable, Sendable {
    /// A device that is silent: probed after 2 s, then ever more rarely.
    static let device = Backoff(shortest: .seconds(2), longest: .seconds(60))
    /// A connection that cannot be made.
    static let connection = Backoff(shortest: .seconds(1), longest: .seconds(60))

    /// A wait is shortened by at most this share.
    private static let jitter = 0.2

    let shortest: Duration
    let longest: Duration
    private var next: Duration

    private init(shortest: Duration, longest: Duration) {
        self.shortest = shortest
        self.longest = longest
        next = shortest
    }

    /// How long to wait this time.
    mutating func wait(using generator: inout some RandomNumberGenerator) -> Duration {
        defer { next = min(next * 2, longest) }
        return next * Double.random(in: (1 - Self.jitter)...1, using: &generator)
    }

    mutating func reset() { next = shortest }
}

/// SplitMix64: small, fast and repeatable; randomness for jitter, never for secrets.
struct Dice: RandomNumberGenerator, Equatable, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
