// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Modbus

/// What a device that does not answer costs the others on its connection, before anything runs.
///
/// Its first timeout is a whole one. On a serial line it is given less from then on, as long as it
/// used to be prompt: nothing waits behind a question there, as it does in a gateway. In each of
/// its cycles the first silence spares its other requests; after `cycles` of them it is offline
/// and is probed once for each step of the back-off, for longer each time.
package struct DeadDevice: Sendable {
    /// Who it is.
    package let device: DeviceName
    /// Failed cycles until it is offline.
    package let cycles: Int
    /// How long its first silence keeps the wire from the others, and its last probes at most.
    package let timeout: Duration
    /// How long the next ones do, and its first probe, if it was prompt before.
    package let probe: Duration
    /// How long it takes to ask for everything once, with one timeout in place of its answers.
    package let cycle: Duration
    /// The share of time that the wire is busy in such a cycle.
    package let load: Double
    /// From one probe to the next, at first and in the end.
    package let steps: ClosedRange<Duration>
    /// The share of time that the wire is busy with the first probes.
    package let loadAtFirst: Double
    /// The same with the last ones, which go on for ever.
    package let loadInTheEnd: Double

    /// The one whose timeout makes the longest cycle; nil where there are no others to pay.
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
        let time = WireTime(endpoint: line.endpoint)
        let short = time.predicted(smallest, gap: .zero) * 2 + Promptness.slack
        self.device = device.name
        cycles = DeviceWatch.patience
        timeout = line.timeout(for: first.request)
        probe = Haste(on: line.endpoint).isGood ? min(short, timeout) : timeout
        cycle = others.reduce(timeout) { $0 + $1.predicted }
        load = loadOfOthers + timeout / device.fastest
        steps = Backoff.device.shortest...Backoff.device.longest
        loadAtFirst = loadOfOthers + probe / steps.lowerBound
        loadInTheEnd = loadOfOthers + timeout / steps.upperBound
    }
}
