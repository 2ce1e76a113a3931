// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What a power cut leaves of what was not yet synced: the hand of chance, from a seed.
struct Choice {
    /// How much of it.
    enum Kind: String, CaseIterable, Sendable {
        /// Nothing: the disk had not begun.
        case none
        /// Everything: the disk had just done it, unasked. Also what a killed process leaves.
        case all
        /// Some writes whole, others not at all, or only the size that they gave the file.
        case subset
        /// Of each write some sectors.
        case torn
    }

    /// What is left of one change.
    enum Part {
        case nothing, size, all
        case some([Bool])
    }

    let kind: Kind
    private var random: Seeded
    /// How many of 8 changes, or sectors, are left.
    private let share: Int

    init(_ kind: Kind, seed: UInt64) {
        self.kind = kind
        random = Seeded(seed)
        share = Int.random(in: 1...7, using: &random)
    }

    mutating func next(sectors: Int) -> Part {
        switch kind {
        case .none: return .nothing
        case .all: return .all
        case .torn where sectors > 0:
            return .some((0..<sectors).map { _ in isKept() })
        case .subset, .torn:
            if isKept() { return .all }
            return Bool.random(using: &random) ? .size : .nothing
        }
    }

    /// How names are left: a journal keeps their order, so that only the last are missing; POSIX
    /// promises nothing.
    mutating func names(_ count: Int) -> [Bool] {
        switch kind {
        case .none: return Array(repeating: false, count: count)
        case .all: return Array(repeating: true, count: count)
        case .subset, .torn:
            guard Bool.random(using: &random) else { return (0..<count).map { _ in isKept() } }
            let first = Int.random(in: 0...count, using: &random)
            return (0..<count).map { $0 < first }
        }
    }

    private mutating func isKept() -> Bool { Int.random(in: 0..<8, using: &random) < share }
}

/// A generator that repeats itself: xorshift64* (Vigna, 2016).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 ^ 0xD1B5_4A32_D192_ED03 | 1
    }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
