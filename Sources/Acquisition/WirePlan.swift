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
        /// Who is asked.
        package let device: DeviceName
        /// What is asked.
        package let request: Request
        /// How often; above zero.
        package let period: Duration
        /// The signals it serves, in the order of their addresses, without their bits.
        package let signals: [String]
        /// Registers (or bits) that are read and thrown away.
        package let waste: Int
        /// Until the wire is free for the request after it: physics on a serial line, an
        /// estimate elsewhere.
        package let predicted: Duration
        /// How often it is asked again at most in a period, while a number in it may be torn.
        let mostRereads: Int
    }

    /// Its name in the configuration.
    package let connection: String
    /// How it is reached: on a serial line the times are physics, elsewhere estimates.
    package let endpoint: Endpoint
    /// By device, in the order of the configuration.
    package let items: [Item]
    /// What the others on this wire pay for the device that costs most when it is dead; nil where
    /// there are no others.
    package let costOfDeadDevice: DeadDevice?

    /// The plan of each connection, in the order of the configuration.
    package static func all(of configuration: Configuration) -> [WirePlan] {
        PollPlan(configuration).lines.map(WirePlan.init)
    }

    init(_ line: LinePlan) {
        connection = line.name
        endpoint = line.endpoint
        let time = WireTime(endpoint: line.endpoint)
        items = line.devices.flatMap { device in
            device.reads.enumerated().map { index, read in
                // Its own quiet time holds up a device only; others are asked in it.
                let isFollowedByItself =
                    index < device.reads.count - 1 || line.devices.count == 1
                return Item(
                    device: device.name, request: read.request, period: read.period,
                    signals: read.passengers.map { device.points[$0.point].source.name },
                    waste: read.waste,
                    predicted: time.predicted(
                        read.request, gap: isFollowedByItself ? device.requestGap : .zero),
                    mostRereads: read.passengers.contains {
                        CountWatch.mayAskAgain(for: device.points[$0.point].source)
                    } ? CountWatch.mostTries : 0)
            }
        }
        costOfDeadDevice = DeadDevice.dearest(on: line, among: items)
    }

    /// How long it takes to ask for everything once.
    package var cycle: Duration {
        items.reduce(.zero) { $0 + $1.predicted }
    }

    /// The share of time that the wire is busy, 0 to 1 and beyond: more than 1 cannot be carried.
    package var load: Double { load(of: items) }

    /// What is added to it at most while numbers that may be torn are asked for again: in the
    /// period in which their higher registers change, so it is no part of what is predicted.
    package var loadOfRereads: Double {
        items.reduce(0) { $0 + $1.predicted / $1.period * Double($1.mostRereads) }
    }

    /// The part of it that is one device's.
    package func load(of device: DeviceName) -> Double {
        load(of: items.filter { $0.device == device })
    }

    private func load(of items: [Item]) -> Double {
        items.reduce(0) { $0 + $1.predicted / $1.period }
    }
}
