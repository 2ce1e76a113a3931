// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Modbus
internal import Plant

/// One connection with its devices.
final class LinePlan: Sendable {
    /// An answer may never be expected sooner than its last byte can be there.
    private static let shortestSlack = Duration.milliseconds(50)

    let index: Int
    let name: String
    let endpoint: Endpoint
    let timeout: Duration
    let devices: [DevicePlan]

    init(_ connection: Configuration.Connection, index: Int, devices: [DevicePlan]) {
        self.index = index
        name = connection.name
        endpoint = connection.endpoint
        timeout = connection.timeout
        self.devices = devices
    }

    /// How long the wire is busy with `request`, as far as can be told beforehand. Not inlined
    /// (`Line.stackSize`).
    @inline(never)
    func wireTime(of request: Request) -> Duration {
        WireTime(endpoint: endpoint).predicted(request, gap: .zero)
    }

    /// How long the answer to `request` may take: as configured, but never less than the wire
    /// needs to carry it.
    func timeout(for request: Request) -> Duration {
        max(timeout, wireTime(of: request))
            + (endpoint.framing == .rtu ? Self.shortestSlack : .zero)
    }
}

extension LinePlan {
    /// What to tell of an answer that came late; several profiles may describe its unit.
    func events(of late: LateAnswer) -> [PlantEvent] {
        devices.filter { $0.unit == late.unit }.prefix(1).map {
            .answersLate($0.name, connection: name, delay: late.delay)
        }
    }
}
