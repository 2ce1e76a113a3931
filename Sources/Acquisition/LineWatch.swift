// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment

/// One connection as it stands now, and what its wire has done.
struct LineWatch: Sendable {
    /// Load is measured over this time.
    private static let window = Duration.seconds(60)

    private(set) var status: ConnectionStatus
    private var windowBegan: Duration
    private var busy = Duration.zero

    init(_ name: String, at start: Moment) {
        status = ConnectionStatus(name: name, since: start.time)
        windowBegan = start.monotonic
    }

    mutating func take(_ report: Report) {
        status.tally += report.tally
        if let isConnected = report.isConnected {
            status.isConnected = isConnected
            status.since = report.at.time
        }
        busy += report.tally.busy
        let elapsed = report.at.monotonic - windowBegan
        guard elapsed >= Self.window else { return }
        status.load = busy / elapsed
        (windowBegan, busy) = (report.at.monotonic, .zero)
    }
}

/// A connection as it stands now.
package struct ConnectionStatus: Sendable {
    /// Its name in the configuration.
    package let name: String
    /// Whether something was exchanged over it, and nothing has broken it since.
    package var isConnected = false
    /// When `isConnected` last changed; before that, the start.
    package var since: Timestamp
    /// Counts since the start.
    package var tally = Tally()
    /// The share of time that its wire was busy, 0 to 1, over the last full minute; `nil` before
    /// there was one.
    package var load: Double?
}
