// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Modbus
internal import Settings

/// Answers that came late, and the timeout that would have let them in.
struct LateText {
    let delay: ClosedRange<Duration>

    /// `1.4 s`, or where nobody listened `more than 1 s`.
    var time: String {
        let (least, most) = (delay.lowerBound, delay.upperBound)
        return most - least <= most / 5 ? Self.rounded(most) : "more than \(Self.rounded(least))"
    }

    /// A timeout with some room above the delay, as the configuration and `--timeout` take it.
    var timeout: String {
        let known = delay.upperBound - delay.lowerBound <= delay.upperBound / 5
        let wanted = known ? delay.upperBound * 1.25 : delay.lowerBound * 2
        return (Self.timeouts.first { $0 >= wanted } ?? .seconds(60)).setting
    }

    /// What people set.
    private static let timeouts: [Duration] =
        [100, 200, 300, 500].map { .milliseconds($0) }
        + [1, 2, 3, 5, 10, 20, 30, 60].map { .seconds($0) }

    private static func rounded(_ time: Duration) -> String {
        time < .seconds(1)
            ? "\(Wording.decimal(time.inMilliseconds, places: 0)) ms"
            : "\(Wording.decimal(time.inMilliseconds / 1_000, places: 1)) s"
    }
}
