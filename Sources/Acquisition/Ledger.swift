// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment
internal import Plant

/// What is known of the plant now, and the records that follow from what the lines report.
///
/// It takes reports in the order in which they came, keeps the latest of every signal and device,
/// judges health, and gathers records. A value: it reads no clock and seals nothing.
struct Ledger: Sendable {
    /// Delays of conditions are looked at this often where no reading comes.
    private static let healthTick = Duration.seconds(1)

    let plan: PollPlan
    let boot: Boot
    /// When it began.
    let began: Timestamp
    private let machines: [Machine]
    /// Of each signal that a condition needs, the index of its machine; of the others `unwatched`.
    private let watchers: [Int32]
    private static let unwatched: Int32 = -1

    private var signals: [SignalWatch]
    private(set) var devices: [DeviceSnapshot]
    private var health: [EquipmentHealth]
    private var clock: ClockWatch
    private var sync = SyncWatch()
    private var lastHealthTick: Duration
    var gathering: Gathering
    /// What was learnt of the devices.
    var shelf: LearntShelf
    private(set) var lines: [LineWatch]
    private(set) var counts = Counts()
    private(set) var collections = 0

    struct Counts: Hashable, Sendable {
        var good = 0
        var uncertain = 0
        var bad = 0
    }

    init(_ configuration: Configuration, _ plan: PollPlan, boot: Boot, at start: Moment) {
        self.plan = plan
        self.boot = boot
        began = start.time
        let machines = Machine.all(of: configuration, plan)
        self.machines = machines
        shelf = LearntShelf(plan)
        signals = Array(repeating: SignalWatch(), count: plan.signals.count)
        devices = plan.devices.map {
            DeviceSnapshot(device: $0.name.device, state: .unknown, since: start.time)
        }
        health = machines.map { machine in
            let signals = plan.signals[machine.signals]
            return EquipmentHealth(
                equipment: machine.description.id, rules: machine.description.conditions,
                signals: Array(signals), from: start,
                period: { signal in
                    signals.firstIndex(of: signal).map { plan.periods[$0] }
                        ?? Configuration.Default.every
                })
        }
        watchers = Self.watchers(among: machines, plan.signals)
        lines = plan.lines.map { LineWatch($0, at: start) }
        clock = ClockWatch(at: start)
        lastHealthTick = start.monotonic
        gathering = Gathering(of: Roster(plan.signals), every: configuration.buffer.sealEvery)
        note(
            .started(
                equipment: machines.count, devices: plan.devices.count, signals: plan.signals.count),
            at: start)
    }

    private static func watchers(among machines: [Machine], _ signals: [Signal]) -> [Int32] {
        var watchers = Array(repeating: unwatched, count: signals.count)
        for (index, machine) in machines.enumerated() where !machine.description.conditions.isEmpty
        {
            let watched = Set(machine.description.conditions.flatMap { [$0.signal, $0.gate] })
            for place in machine.signals where watched.contains(signals[place].name) {
                watchers[place] = Int32(index)
            }
        }
        return watchers
    }

    /// Takes what the lines left; returns what is worth telling.
    mutating func take(_ contents: Mailbox.Contents) -> [PlantEvent] {
        collections += 1
        var events: [PlantEvent] = []
        for report in contents.reports {
            look(at: report.at, &events)
            take(report, &events)
        }
        if let loss = contents.loss {
            gathering.lose(loss)
            events.append(.recordsLost(loss))
        }
        return events
    }

    /// Lets time pass: delays of conditions elapse, a step of the wall clock is noticed, and that
    /// it is synchronised, which `state` says.
    mutating func tick(at now: Moment, clock state: ClockState) -> [PlantEvent] {
        var events: [PlantEvent] = []
        look(at: now, &events)
        gathering.look(at: state)
        if let offset = sync.correction(state, at: boot.stand(at: now)) {
            correct(by: offset, at: now, &events)
        }
        if now.monotonic - lastHealthTick >= Self.healthTick {
            lastHealthTick = now.monotonic
            for index in health.indices {
                record(health[index].tick(at: now), at: now, &events)
            }
        }
        if let loss = gathering.trim() { events.append(.recordsLost(loss)) }
        return events
    }

    /// What is known of the devices from before, of what was written then.
    mutating func recall(_ entries: [LearntFile.Entry]) -> [Int: Learnt] {
        shelf.recall(entries, of: plan)
    }

    /// Goes on after `newest`, the newest batch of the buffer.
    mutating func resume(after newest: BatchHead) {
        sync = SyncWatch(resuming: boot.stand(of: newest))
    }

    /// What was gathered until now is sealed at once, so that the next batch is of one kind.
    private mutating func correct(
        by offset: Duration, at now: Moment, _ events: inout [PlantEvent]
    ) {
        let uptime = boot.uptime(at: now.monotonic)
        note(.clockCorrection(by: offset, boot: boot.id, at: uptime), at: now)
        gathering.hurry()
        events.append(.clockCorrected(by: offset))
    }

    /// Writes a note.
    mutating func note(_ note: Note, at now: Moment) {
        gathering.add(note: Entry(note, at: now.time), at: now.monotonic)
    }

    private mutating func look(at now: Moment, _ events: inout [PlantEvent]) {
        guard let step = clock.step(at: now) else { return }
        note(.clockStep(by: step), at: now)
        gathering.step()
        for index in devices.indices { devices[index].since = devices[index].since.moved(by: step) }
        for index in health.indices { health[index].clockSet(by: step) }
        for index in lines.indices { lines[index].clockSet(by: step) }
        events.append(.clockStepped(by: step))
    }

    private mutating func take(_ report: Report, _ events: inout [PlantEvent]) {
        let now = report.at
        for step in report.steps { record(step, at: now, &events) }
        let stamp = SignalWatch.Stamp(now)
        var watched: [Int: [Reading]] = [:]
        for observation in report.observations {
            let (index, content) = (observation.signal, observation.content)
            if signals[index].observe(content, plan.publishing[index], at: stamp) {
                write(content, of: index, at: now)
            }
            guard watchers[index] != Self.unwatched else { continue }
            watched[Int(watchers[index]), default: []].append(
                Reading(signal: plan.signals[index], time: now.time, content: content))
        }
        for (index, readings) in watched.sorted(by: { $0.key < $1.key }) {
            record(health[index].observe(readings, at: now), at: now, &events)
        }
        for change in report.devices {
            devices[change.device].state = change.state
            devices[change.device].since = now.time
        }
        lines[report.line].take(report)
        if let learnt = report.learnt { shelf.take(learnt, at: now.monotonic) }
        events += report.events
    }

    /// The note comes before the reading that it is about, and that one is written in any case.
    private mutating func record(
        _ found: Report.Step, at now: Moment, _ events: inout [PlantEvent]
    ) {
        let signal = plan.signals[found.signal]
        signals[found.signal].mark()
        note(.counter(found.step, of: signal), at: now)
        guard found.step.kind == .reset else { return }
        events.append(.counterReset(signal, from: found.step.from, to: found.step.to))
    }

    private mutating func write(_ content: Reading.Content, of signal: Int, at now: Moment) {
        switch content {
        case .good: counts.good += 1
        case .uncertain: counts.uncertain += 1
        case .bad: counts.bad += 1
        }
        gathering.add(content, of: signal, at: now)
    }

    private mutating func record(
        _ transitions: [Transition], at now: Moment, _ events: inout [PlantEvent]
    ) {
        for transition in transitions {
            gathering.add(health: Entry(transition), at: now.monotonic)
            gathering.hurry()
            events.append(.conditionChanged(transition))
        }
    }
}

extension Ledger {
    /// Every machine as it stands at `now`.
    func snapshot(at now: Moment) -> [EquipmentSnapshot] {
        zip(machines, health).map { machine, health in
            EquipmentSnapshot(
                id: machine.description.id, label: machine.description.label,
                area: machine.description.area, criticality: machine.description.criticality,
                model: machine.model, health: health.snapshot,
                devices: Array(devices[machine.devices]),
                signals: machine.signals.map {
                    signals[$0].snapshot(
                        of: plan.signals[$0], period: plan.periods[$0], at: now)
                })
        }
    }
}
