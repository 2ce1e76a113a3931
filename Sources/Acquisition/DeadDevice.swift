// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Modbus

/// What a device that does not answer costs the others on its connection, before anything runs.
///
/// In each of its cycles the first timeout spares its other requests; after `cycles` of them it is
/// offline and costs one short probe for each step of the back-off.
package struct DeadDevice: Sendable {
    /// Who it is.
    package let device: DeviceName
    /// Failed cycles until it is offline.
    package let cycles: Int
    /// How long one timeout keeps the wire from the others.
    package let timeout: Duration
    /// How long it takes to ask for everything once, with one timeout in place of its answers.
    package let cycle: Duration
    /// The share of time that the wire is busy until it is offline.
    package let load: Double
    /// How long a probe keeps the wire from the others.
    package let probe: Duration
    /// From one probe to the next, at first and in the end.
    package let steps: ClosedRange<Duration>
    /// The share of time that the wire is busy with a probe at each of those.
    package let loadWhileProbed: ClosedRange<Double>

    /// The one whose timeouts make the longest cycle; nil where there are no others to pay.
    static func dearest(on line: LinePlan, among items: [WirePlan.Item]) -> DeadDevice? {
        guard line.devices.count > 1 else { return nil }
        return line.devices.compactMap { DeadDevice($0, on: line, among: items) }
            .max { $0.cycle < $1.cycle }
    }

    private init?(_ device: DevicePlan, on line: LinePlan, among items: [WirePlan.Item]) {
        guard let first = device.reads.first,
            let smallest = device.reads.map(\.request).min(by: { $0.count < $1.count })
        else { return nil }
        let others = items.filter { $0.device != device.name }
        let loadOfOthers = others.reduce(0) { $0 + $1.predicted / $1.period }
        let (shortest, longest) = (Backoff.device.shortest, Backoff.device.longest)
        self.device = device.name
        cycles = DeviceWatch.patience
        timeout = line.timeout(for: first.request)
        cycle = others.reduce(timeout) { $0 + $1.predicted }
        load = loadOfOthers + timeout / device.fastest
        probe = line.timeout(for: smallest)
        steps = shortest...longest
        loadWhileProbed = loadOfOthers + probe / longest...loadOfOthers + probe / shortest
    }
}
