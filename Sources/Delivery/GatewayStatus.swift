// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Buffer
package import Equipment

/// The gateway as it stands now, as the wiring knows it; the buffer's own state is asked of the
/// buffer.
package struct GatewayStatus: Sendable {
    package var gateway: String
    package var site: String?
    package var version: String
    /// The time now: the server reads no clock.
    package var now: Timestamp
    package var started: Timestamp
    /// Monotonic, since the start.
    package var uptime: Duration
    /// The path of the configuration in force.
    package var configuration: String
    package var clock: ClockState
    /// What has been counted since the start, in the order in which it is shown.
    package var counters: [Counter]
    /// What each connection and device was asked, in the order of the configuration.
    package var connections: [ConnectionSnapshot]
    /// Since when that is counted: a reload begins anew.
    package var countedSince: Timestamp
    /// Why the gateway cannot keep its promise; empty when it can. A dead device is no reason.
    package var obstacles: [Obstacle]
    /// For how long a reader is to be able to stay away, if the configuration says so.
    package var survive: Duration?

    package init(
        gateway: String, site: String?, version: String, now: Timestamp, started: Timestamp,
        uptime: Duration, configuration: String, clock: ClockState, counters: [Counter],
        connections: [ConnectionSnapshot], countedSince: Timestamp, obstacles: [Obstacle]
    ) {
        self.gateway = gateway
        self.site = site
        self.version = version
        self.now = now
        self.started = started
        self.uptime = uptime
        self.configuration = configuration
        self.clock = clock
        self.counters = counters
        self.connections = connections
        self.countedSince = countedSince
        self.obstacles = obstacles
    }

    /// Something counted since the start, such as `polls`.
    package struct Counter: Hashable, Sendable {
        /// Its key under `counters` in `/v1/status`: lower case with underscores.
        package var name: String
        package var count: Int

        package init(name: String, count: Int) {
            self.name = name
            self.count = count
        }
    }

    /// One reason for not being ready.
    package struct Obstacle: Hashable, Sendable {
        /// A stable word such as `not-sealing`.
        package var obstacle: String
        /// A sentence for the operator: what happened and what to do.
        package var text: String

        package init(obstacle: String, text: String) {
            self.obstacle = obstacle
            self.text = text
        }
    }
}
