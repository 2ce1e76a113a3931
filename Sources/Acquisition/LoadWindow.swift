// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// The share of the last minute that something was busy. A value: times are monotonic.
struct LoadWindow: Equatable, Sendable {
    /// The minute moves on in steps of this; before the first there is no load.
    private static let step = Duration.seconds(10)
    /// The minute, and the step that has begun.
    private static let slots = 7

    private let start: Duration
    private var latest = 0
    private var busy = Array(repeating: Duration.zero, count: Self.slots)

    init(at start: Duration) { self.start = start }

    /// Counts time that was busy until `now`; times come in order.
    mutating func add(_ time: Duration, at now: Duration) {
        let slot = max(latest, now.slot(of: Self.step, from: start))
        for empty in (latest..<slot).suffix(Self.slots) {
            busy[(empty + 1) % Self.slots] = .zero
        }
        latest = slot
        busy[slot % Self.slots] += time
    }

    /// 0 to 1; nil before the first step is over.
    func load(at now: Duration) -> Double? {
        let slot = max(latest, now.slot(of: Self.step, from: start))
        guard slot > 0 else { return nil }
        let first = max(0, slot - Self.slots + 1)
        guard first <= latest else { return 0 }
        let sum = (first...latest).reduce(Duration.zero) { $0 + busy[$1 % Self.slots] }
        return min(1, sum / (now - start - Self.step * first))
    }
}
