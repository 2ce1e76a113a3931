// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

extension Duration {
    /// So many times, to the nanosecond. The standard library's own operator is generic and takes
    /// 0.3 µs, which every poll would pay several times.
    func times(_ count: Int) -> Duration { .nanoseconds(nanoseconds * Int64(count)) }

    /// Whether a whole number of `other` fits, to the nanosecond.
    func isMultiple(of other: Duration) -> Bool {
        nanoseconds.isMultiple(of: other.nanoseconds)
    }

    /// How many whole periods lie between `start` and this time, rounded down; negative before it.
    func slot(of period: Duration, from start: Duration) -> Int {
        let (quotient, remainder) = (self - start).nanoseconds
            .quotientAndRemainder(dividingBy: period.nanoseconds)
        return Int(remainder < 0 ? quotient - 1 : quotient)
    }
}
