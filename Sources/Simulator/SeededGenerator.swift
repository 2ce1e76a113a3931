// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Random numbers that are the same for the same seed on every machine (SplitMix64: Steele, Lea,
/// Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
struct SeededGenerator: RandomNumberGenerator, Hashable, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A generator of its own for something called `name`, so that adding one thing to a plant
    /// does not change the numbers of all others (FNV-1a over the name).
    func split(for name: String) -> SeededGenerator {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        var child = SeededGenerator(seed: state ^ hash)
        return SeededGenerator(seed: child.next())
    }

    /// A number of `range`, each as likely as the other: the 53 bits that a Double holds.
    mutating func number(_ range: ClosedRange<Double>) -> Double {
        let share = Double(next() >> 11) * 0x1p-53
        return range.lowerBound + (range.upperBound - range.lowerBound) * share
    }

    /// Bell-shaped around 0 with standard deviation 1, from -3 to 3: twice the sum of three even
    /// numbers from -0.5 to 0.5.
    mutating func bell() -> Double {
        2 * (number(-0.5...0.5) + number(-0.5...0.5) + number(-0.5...0.5))
    }
}
