// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Something that wants its turn on a line: since when, and how soon it should have it.
///
/// Earliest deadline first, the deadline being one period after it was due: no other order keeps
/// all deadlines where that can be done. Where it cannot, that order alone would let one missed
/// deadline drag the others along and favour slow requests. So what has missed its deadline comes
/// before what has not, and of several the one that has waited the most of its own periods: each
/// then gets the same share of what it asked for, and none starves, because its wait only grows.
struct Claim: Equatable, Sendable {
    let due: Duration
    let period: Duration

    /// Whether it comes first, of two, at `now`.
    func precedes(_ other: Claim, at now: Duration) -> Bool {
        guard due <= now, other.due <= now else { return due < other.due }
        let (waited, otherWaited) = (now - due, now - other.due)
        guard waited >= period || otherWaited >= other.period else {
            return due + period < other.due + other.period
        }
        return waited / period > otherWaited / other.period
    }

    /// The same, but not before `ready`.
    func notBefore(_ ready: Duration) -> Claim {
        Claim(due: max(due, ready), period: period)
    }
}
