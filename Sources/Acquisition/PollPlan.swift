// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment
internal import Modbus
package import Plant

/// Everything that is polled, worked out once from the configuration: which signals there are,
/// which requests fetch them, and over which connection.
package struct PollPlan: Sendable {
    /// All signals, by equipment, device and profile; their indices are used everywhere else.
    package let signals: [Signal]
    /// Of each signal, by the same index.
    let periods: Distinct<Duration>
    /// When a good reading of each signal is worth a record, by the same index.
    let publishing: Distinct<Publishing>
    let devices: [DevicePlan]
    /// In the order of the configuration; a connection without devices has none.
    let lines: [LinePlan]
    /// Of each line, when in their period its polls begin, 0 to 1.
    let shares: [Double]

    /// Plans every device of the configuration, on its connection.
    package init(_ configuration: Configuration) {
        devices = Self.devices(of: configuration)
        var signals: [Signal] = []
        var periods = Distinct<Duration>()
        var publishing = Distinct<Publishing>()
        signals.reserveCapacity(devices.last?.signals.upperBound ?? 0)
        for device in devices {
            let name = device.name
            signals += Signal.all(of: name.device, in: name.equipment, device.descriptions)
            for (point, period) in zip(device.points, device.periods) {
                let rule = point.source.publishing
                for isBit in [false] + point.bits.map({ _ in true }) {
                    periods.append(period)
                    publishing.append((isBit ? rule.ofBits : rule).polled(every: period))
                }
            }
            for derived in device.derived {
                periods.append(derived.period)
                publishing.append(derived.source.publishing.polled(every: derived.period))
            }
        }
        self.signals = signals
        self.periods = periods
        self.publishing = publishing
        let riders = Dictionary(grouping: devices, by: \.via)
        lines = configuration.connections.enumerated().map { index, connection in
            LinePlan(connection, index: index, devices: riders[connection.name] ?? [])
        }
        shares = Self.shares(of: lines)
    }

    /// Devices of one model share what they have in common: a large plant has most of that.
    private static func devices(of configuration: Configuration) -> [DevicePlan] {
        var devices: [DevicePlan] = []
        var models: [String: DevicePlan] = [:]
        for equipment in configuration.equipment {
            for device in equipment.devices {
                let plan = DevicePlan(
                    device, of: equipment.id, index: devices.count,
                    firstSignal: devices.last?.signals.upperBound ?? 0,
                    like: models[device.profile.id])
                models[device.profile.id] = plan
                devices.append(plan)
            }
        }
        return devices
    }
}

extension Publishing {
    /// For a signal that is polled so often: a poll within half a period is as near to the time
    /// when silence ends as the next one.
    fileprivate func polled(every period: Duration) -> Publishing {
        var rule = self
        rule.atLeastEvery = atLeastEvery.map { $0 - period / 2 }
        return rule
    }
}

extension PollPlan {
    /// How many hosts and serial ports are asked together. A processor that has woken serves them
    /// all: with 100 lines a poll each second costs half of what it costs one by one (2026-11-22), and
    /// the last of a group waits a millisecond.
    static let group = 16

    /// When in their period the polls of each line begin, 0 to 1: those of one host are spread over
    /// it, as its ports may share a processor, a bus or a radio; the first ones of sixteen hosts begin
    /// together, and such groups are spread as well.
    private static func shares(of lines: [LinePlan]) -> [Double] {
        let riders = Dictionary(grouping: lines, by: \.endpoint.carrier)
        let groups = (riders.count + group - 1) / group
        var shares = Array(repeating: 0.0, count: lines.count)
        let carriers = riders.values.sorted { $0[0].index < $1[0].index }
        for (place, lines) in carriers.enumerated() {
            for (rank, line) in lines.enumerated() {
                let start = Double(place / group) / Double(groups)
                shares[line.index] = (start + Double(rank) / Double(lines.count))
                    .truncatingRemainder(dividingBy: 1)
            }
        }
        return shares
    }
}

extension Endpoint {
    /// What may carry several connections: a host, or a serial port.
    fileprivate var carrier: String {
        switch self {
        case .tcp(let host, _), .rtuOverTCP(let host, _): host
        case .serial(let path, _): path
        }
    }
}

/// A device by its place in the configuration.
package struct DeviceName: Hashable, Sendable {
    /// The equipment's key in the configuration.
    package let equipment: String
    /// The device's key within its equipment.
    package let device: String

    /// Names a device; whether it exists is for the configuration to say.
    package init(equipment: String, device: String) {
        self.equipment = equipment
        self.device = device
    }
}
