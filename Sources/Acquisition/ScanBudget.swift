// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Modbus

/// How long a question of a tool may take, and how many there may be in a second.
package struct ScanBudget: Sendable {
    /// From the end of a question to the end of its answer, without the time of the characters.
    package let timeout: Duration
    /// Questions in a second, 1 or more: other masters' and gateways' patience.
    package let rate: Int

    /// Both are the caller's.
    package init(timeout: Duration, rate: Int) {
        precondition(rate >= 1, "a scan that never asks finds nothing")
        self.timeout = timeout
        self.rate = rate
    }

    /// The least from the beginning of one question to that of the next.
    package var interval: Duration { .seconds(1) / rate }

    /// How long the answer to `request` may take: on a slow line the characters count.
    package func patience(for request: Request, at endpoint: Endpoint) -> Duration {
        guard case .serial = endpoint else { return timeout }
        return timeout + WireTime(endpoint: endpoint).predicted(request, gap: .zero)
    }

    /// What asking all of `units` at each of `settings` takes at the longest.
    package func longest(settings: [Endpoint], units: Int) -> Duration {
        settings.reduce(.zero) { sum, setting in
            let patience = patience(for: Self.question(of: 1), at: setting)
            return sum + max(patience, interval) * units
        }
    }

    /// What proves that a unit is there: every device has an answer to it, if only a refusal.
    package static func question(of unit: UInt8) -> Request {
        Request(unit: unit, table: .holding, start: 0, count: 1)
    }
}
