// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
package import Modbus
package import Plant

/// What one connection's wire will carry: each request and how long it takes, and how full the
/// wire is with all of them, before anything runs.
package struct WirePlan: Sendable {
    /// One request, asked once a period.
    package struct Item: Sendable {
        package let device: DeviceName
        package let request: Request
        package let period: Duration
        /// The signals it serves, in the order of their addresses, without their bits.
        package let signals: [String]
        /// Registers (or bits) that are read and thrown away.
        package let waste: Int
        /// Physics on a serial line, an estimate elsewhere.
        package let predicted: Duration
    }

    package let connection: String
    package let endpoint: Endpoint
    package let items: [Item]

    /// The plan of each connection, in the order of the configuration.
    package static func all(of configuration: Configuration) -> [WirePlan] {
        PollPlan(configuration).lines.map(WirePlan.init)
    }

    private init(_ line: LinePlan) {
        connection = line.name
        endpoint = line.endpoint
        let time = WireTime(endpoint: line.endpoint)
        items = line.devices.flatMap { device in
            device.reads.map { read in
                Item(
                    device: device.name, request: read.request, period: read.period,
                    signals: read.passengers.map { device.points[$0.point].source.name },
                    waste: read.waste,
                    predicted: time.predicted(read.request, gap: device.requestGap))
            }
        }
    }

    /// How long it takes to ask for everything once.
    package var cycle: Duration {
        items.reduce(.zero) { $0 + $1.predicted }
    }

    /// The share of time that the wire is busy, 0 to 1 and beyond: more than 1 cannot be carried.
    package var load: Double {
        items.reduce(0) { $0 + $1.predicted / $1.period }
    }
}
