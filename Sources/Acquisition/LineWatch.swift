// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Modbus

/// One connection as it stands now, what its wire has carried, and how that compares with what was
/// predicted. A value: it learns from reports.
struct LineWatch: Sendable {
    /// Requests whose time is kept: no line has as many, even when its blocks are split again and
    /// again; then their times are gathered anew.
    private static let requestLimit = 1000
    /// How much later than twice its period a request may be answered and still count as asked.
    private static let patience = Duration.seconds(10)

    private let plan: LinePlan
    private let silence: Duration
    /// What its plan says; `loads` are those of its devices.
    private let predicted: (load: Double, cycle: Duration, loads: [Double])
    /// The longest period of its requests.
    private let slowest: Duration
    private var isConnected = false
    private var since: Timestamp
    private var link = LinkCounts()
    private var load: LoadWindow
    private var devices: [(traffic: Traffic, load: LoadWindow)]
    /// How long each request took when it was last answered.
    private var takes: [Request: (time: Duration, at: Duration)] = [:]
    /// The last poll and when it ended.
    private var last: (poll: Report.Poll, ended: Duration)?

    init(_ plan: LinePlan, at start: Moment) {
        self.plan = plan
        silence = WireTime(endpoint: plan.endpoint).silence
        let wire = WirePlan(plan)
        predicted = (wire.load, wire.cycle, plan.devices.map { wire.load(of: $0.name) })
        slowest = wire.items.map(\.period).max() ?? .zero
        since = start.time
        load = LoadWindow(at: start.monotonic)
        devices = plan.devices.map { _ in (Traffic(), LoadWindow(at: start.monotonic)) }
    }

    /// The wall clock was set by `step`.
    mutating func clockSet(by step: Duration) { since = since.moved(by: step) }

    mutating func take(_ report: Report) {
        if let isConnected = report.isConnected {
            self.isConnected = isConnected
            since = report.at.time
        }
        link = report.link ?? link
        if let poll = report.poll { take(poll, endingAt: report.at.monotonic) }
    }

    private mutating func take(_ poll: Report.Poll, endingAt end: Duration) {
        let took = end - poll.began
        let lateness = poll.due.map { max(.zero, poll.began - $0) }
        devices[poll.device].traffic.add(
            poll.outcome, took: took, lateness: lateness, overruns: poll.overruns)
        addQuiet(before: poll)
        occupy(took, by: poll.device, until: end)
        switch poll.outcome {
        case .answer:
            if takes.count >= Self.requestLimit { takes.removeAll() }
            takes[poll.request] = (took, end)
        case .exception: takes[poll.request] = nil
        case .timeout, .garbled, .broken: break
        }
        last = (poll, end)
    }

    /// After each exchange the wire has to be quiet for a while, and the device perhaps for longer:
    /// that time is the exchange's own as far as nothing else was done in it.
    private mutating func addQuiet(before next: Report.Poll) {
        guard let (poll, ended) = last else { return }
        let gap = poll.device == next.device ? plan.devices[poll.device].requestGap : .zero
        let quiet = min(max(.zero, next.began - ended), max(silence, gap))
        guard quiet > .zero else { return }
        occupy(quiet, by: poll.device, until: ended)
        takes[poll.request]?.time += quiet
    }

    private mutating func occupy(_ time: Duration, by device: Int, until end: Duration) {
        load.add(time, at: end)
        devices[device].load.add(time, at: end)
    }
}

extension LineWatch {
    /// As it stands at `now`; `standings` are those of its devices.
    func snapshot(of standings: [DeviceSnapshot], at now: Moment) -> ConnectionSnapshot {
        var snapshot = ConnectionSnapshot(
            connection: plan.name, isConnected: isConnected, since: since,
            load: .init(predicted: predicted.load, measured: load.load(at: now.monotonic)),
            cycle: .init(predicted: predicted.cycle, measured: cycle(at: now.monotonic)))
        snapshot.traffic = Traffic.union(devices.map(\.traffic))
        snapshot.reconnects = max(0, link.connections - 1)
        snapshot.damagedFrames = link.damagedFrames
        snapshot.strayBytes = link.strayBytes
        snapshot.clarifications = link.clarifications
        snapshot.otherFraming = link.otherFraming
        snapshot.devices = plan.devices.indices.map { index in
            let device = plan.devices[index]
            return DeviceTraffic(
                equipment: device.name.equipment, device: standings[index], unit: device.unit,
                traffic: devices[index].traffic,
                load: .init(
                    predicted: predicted.loads[index],
                    measured: devices[index].load.load(at: now.monotonic)))
        }
        return snapshot
    }

    /// What was not answered for two turns is not asked any more, like a block that was split.
    private func cycle(at now: Duration) -> Duration? {
        let current = takes.values.filter { now - $0.at <= slowest * 2 + Self.patience }
        return current.isEmpty ? nil : current.reduce(.zero) { $0 + $1.time }
    }
}
