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

/// What acquisition has done since it began.
package struct AcquisitionStatus: Sendable {
    /// In the order of the configuration.
    package var connections: [ConnectionStatus]
    /// How often the collector has taken what the lines reported: it stands still if that hangs.
    package var collections: Int
    /// Good readings written.
    package var good: Int
    /// Uncertain readings written.
    package var uncertain: Int
    /// Bad readings written: beginnings and beats, not polls.
    package var bad: Int
    /// Records made; equals `sealed` + `waiting` + `lost`.
    package var produced: Int
    /// Records that are on disk.
    package var sealed: Int
    /// Records in memory, for the next batch.
    package var waiting: Int
    /// Records that had to be given up; the stream says so as `lost`.
    package var lost: Int
    /// For how long sealing has failed; `nil` while it works.
    package var sealingFailing: Duration?
}
