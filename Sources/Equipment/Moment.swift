// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// One instant by both clocks: delays are counted on one, records are stamped with the other.
///
/// They never mix: a step of the wall clock neither shortens nor lengthens a delay.
package struct Moment: Hashable, Sendable {
    /// Monotonic, since the start of the gateway.
    package let monotonic: Duration
    /// The wall clock, UTC.
    package let time: Timestamp

    /// Both clocks read at the same instant.
    package init(monotonic: Duration, time: Timestamp) {
        self.monotonic = monotonic
        self.time = time
    }

    /// How long ago `earlier` was, by the monotonic clock.
    package func elapsed(since earlier: Moment) -> Duration {
        monotonic - earlier.monotonic
    }
}
