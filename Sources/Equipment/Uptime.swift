// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A time since the box was booted, in whole milliseconds: nobody sets this clock.
///
/// It is CLOCK_BOOTTIME and not CLOCK_MONOTONIC (clock_gettime(2)): that one stands still while the
/// box is suspended, and what is older by the wall clock would be no older by it. Only times of one
/// boot compare.
package struct Uptime: Hashable, Comparable, Sendable {
    /// Milliseconds since the boot.
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func < (left: Uptime, right: Uptime) -> Bool {
        left.milliseconds < right.milliseconds
    }
}
