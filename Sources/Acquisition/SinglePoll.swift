// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment
internal import Modbus
package import Plant
internal import Synchronization

/// Every request of some devices, asked once, without a buffer: what `read` shows.
package struct SinglePoll: Sendable {
    /// In the order of the configuration; one for each signal.
    package let readings: [Reading]
    /// What went wrong on the way, such as a connection that could not be made.
    package let events: [PlantEvent]

    /// Polls the device of that name, or all devices, of one equipment; `nil` if the
    /// configuration has none of that name.
    package static func of(
        _ equipment: String, device: String?, in configuration: Configuration
    ) async -> SinglePoll? {
        guard let part = configuration.part(equipment, device: device) else { return nil }
        let plan = PollPlan(part)
        let clock = PlantClock()
        let box = ReportBox()
        let exchanges = Exchanges()
        let lines = plan.lines.filter { !$0.devices.isEmpty }.map { line in
            start(line, clock: clock, sharing: exchanges, into: box)
        }
        for line in lines { await line.finished() }
        return SinglePoll(plan, box.reports)
    }

    private init(_ plan: PollPlan, _ reports: [Report]) {
        var latest: [Int: Reading] = [:]
        for report in reports {
            for observation in report.observations {
                latest[observation.signal] = Reading(
                    signal: plan.signals[observation.signal], time: report.at.time,
                    content: observation.content)
            }
        }
        let last = reports.map(\.at.time).max()
        readings = plan.signals.indices.compactMap { index in
            latest[index]
                ?? last.map {
                    Reading(signal: plan.signals[index], time: $0, content: .bad(.notYetRead))
                }
        }
        events = reports.flatMap(\.events)
    }
}

extension SinglePoll {
    /// Polls until something is known of every signal of the line that is read; what is derived
    /// comes with the last of them.
    private static func start(
        _ plan: LinePlan, clock: PlantClock, sharing exchanges: Exchanges, into box: ReportBox
    ) -> Line {
        let rounds = Rounds(plan, share: 0, dice: Dice(seed: 0))
        return Line(name: plan.name) { line in
            var missing = Set(plan.devices.flatMap(\.read))
            var poller = LinePoller(
                rounds, source: Link(to: plan.endpoint, heeding: line, sharing: exchanges),
                timeout: plan.timeout, now: { clock.now })
            var wasSilent = false
            while !missing.isEmpty,
                let report = poller.advance(pause: { line.pause(until: clock.instant($0)) })
            {
                missing.subtract(report.observations.map(\.signal))
                wasSilent = wasSilent || report.poll?.outcome == .timeout
                box.add(report)
            }
            // A device that is slow is another thing than one that is not there.
            if wasSilent, let late = poller.lateAnswer() {
                var report = Report(line: plan.index, at: clock.now)
                report.events = plan.events(of: late)
                box.add(report)
            }
        }
    }
}

/// Where the lines of a single poll leave their reports.
private final class ReportBox: Sendable {
    private let contents = Mutex<[Report]>([])

    func add(_ report: Report) { contents.withLock { $0.append(report) } }

    var reports: [Report] { contents.withLock(\.self) }
}

extension Configuration {
    /// Only this equipment, or only this device of it; `nil` if it is not there.
    fileprivate func part(_ equipment: String, device: String?) -> Configuration? {
        guard var description = self.equipment.first(where: { $0.id == equipment }) else {
            return nil
        }
        if let device {
            description.devices.removeAll { $0.name != device }
            guard !description.devices.isEmpty else { return nil }
        }
        description.conditions = []
        var part = self
        part.equipment = [description]
        return part
    }
}
