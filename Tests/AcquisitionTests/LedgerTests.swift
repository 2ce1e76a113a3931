// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Acquisition
@testable import Buffer
@testable import Plant

/// A machine with two devices: d1 has a temperature (signal 0) with a limit, d2 a status word
/// (signal 1) with a bit (signal 2).
struct LedgerTests {
    static func configuration(onDelay: Duration = .zero) -> Configuration {
        var temperature = ProfileSignal.sample(name: "temperature")
        temperature.unit = "Cel"
        temperature.publishing.deadband = 5
        var status = ProfileSignal.sample(name: "status")
        status.bits = [1: "running"]
        return .sample(
            [.sample([temperature]), .sample([status])],
            conditions: [
                ConditionRule(
                    condition: "hot", component: nil, signal: "d1/temperature",
                    limits: .init(high: 100), hysteresis: 0, onDelay: onDelay, offDelay: .zero,
                    gate: "d2/status.running", status: .offSpec, action: nil)
            ])
    }

    private var ledger: Ledger
    private var events: [String] = []

    init() { ledger = Self.ledger(Self.configuration()) }

    private static func ledger(_ configuration: Configuration) -> Ledger {
        Ledger(configuration, PollPlan(configuration), boot: .sample, at: .at(0))
    }

    private mutating func report(
        at second: Double, _ contents: [Int: Reading.Content], devices: [Int: DeviceState] = [:]
    ) {
        var report = Report(line: 0, at: .at(second))
        report.observations = contents.sorted { $0.key < $1.key }
            .map { .init(signal: $0.key, content: $0.value) }
        report.devices = devices.map { .init(device: $0.key, state: $0.value) }
        report.poll = .sample(from: second, to: second)
        events += ledger.take(Mailbox.Contents(reports: [report])).map(\.summary)
    }

    private var lines: [String] {
        Columns(ledger.gathering.records).records().map { record in
            switch record {
            case .reading(let reading):
                "\(reading.signal.name) \(reading.content.value?.number ?? .nan)"
            case .health(let entry): "health \(entry.time.milliseconds)"
            case .note(let entry), .summary(let entry):
                "note \(entry.line.split(separator: "\"")[11])"
            }
        }
    }

    @Test func `it begins with a note and knows nothing`() throws {
        #expect(lines == ["note started"])
        let machine = try #require(ledger.snapshot(at: .at(1)).first)
        #expect(machine.health.status == nil)
        #expect(machine.devices.map(\.state) == [.unknown, .unknown])
        #expect(machine.signals.allSatisfy { $0.content == .bad(.notYetRead) })
        #expect(
            machine.signals.map(\.signal.name) == [
                "d1/temperature", "d2/status", "d2/status.running",
            ])
    }

    @Test func `the model is a fingerprint of the description`() throws {
        let model = try #require(ledger.snapshot(at: .at(1)).first).model
        #expect(model.hasPrefix("sha256:") && model.utf8.count == 71)
        var other = Self.configuration()
        other.equipment[0].devices[0].profile.text = "changed"
        #expect(Self.ledger(other).snapshot(at: .at(1))[0].model != model)
        #expect(Self.ledger(Self.configuration()).snapshot(at: .at(9))[0].model == model)
    }

    @Test mutating func `health is judged by every poll, also by one that is not published`() {
        report(at: 1, [1: .good(.number(2)), 2: .good(.boolean(true))])
        report(at: 1.1, [0: .good(.number(98))])
        report(at: 2, [0: .good(.number(101))])
        #expect(events == ["hot inactive", "hot active"])
        #expect(
            lines.filter { $0.hasPrefix("d1") } == ["d1/temperature 98.0"],
            "101 lies within the deadband of 98")
        #expect(lines.filter { $0.hasPrefix("health") }.count == 2)
        let machine = ledger.snapshot(at: .at(2.5))[0]
        #expect(machine.health.status == .offSpec)
        #expect(machine.signals[0].content == .good(.number(101)))
        #expect(machine.signals[0].age == .milliseconds(500))
    }

    @Test mutating func `a transition makes the batch due at once`() {
        report(at: 1, [1: .good(.number(2)), 2: .good(.boolean(true))])
        #expect(ledger.gathering.due(at: .seconds(1.1)) == nil)
        report(at: 1.2, [0: .good(.number(20))])
        #expect(ledger.gathering.due(at: .seconds(1.3)) != nil)
    }

    @Test mutating func `delays elapse without readings`() {
        ledger = Self.ledger(Self.configuration(onDelay: .seconds(2)))
        report(at: 1, [1: .good(.number(2)), 2: .good(.boolean(true))])
        report(at: 1, [0: .good(.number(101))])
        #expect(events == [])
        events = ledger.tick(at: .at(2.5), clock: .synced).map(\.summary)
        #expect(events == [])
        events = ledger.tick(at: .at(3.6), clock: .synced).map(\.summary)
        #expect(events == ["hot active"])
    }

    @Test mutating func `device states and counts are kept`() {
        report(at: 1, [0: .good(.number(1))], devices: [0: .answering])
        report(at: 2, [1: .bad(.noAnswer), 2: .bad(.noAnswer)], devices: [1: .suspect])
        report(at: 3, [1: .bad(.noAnswer), 2: .bad(.noAnswer)], devices: [1: .offline])
        let machine = ledger.snapshot(at: .at(4))[0]
        #expect(machine.devices.map(\.state) == [.answering, .offline])
        #expect(machine.devices.map(\.since) == [Moment.at(1).time, Moment.at(3).time])
        let status = ledger.status(at: .at(4))
        #expect(status.good == 1 && status.bad == 2, "lasting bad readings are not repeated")
        #expect(status.connections.map(\.traffic.requests) == [3])
        #expect(status.produced == 4 && status.waiting == 4, "with the note of the start")
    }

    @Test mutating func `a step of the wall clock stands between what came before and after it`() {
        report(at: 1, [0: .good(.number(1))])
        var report = Report(
            line: 0, at: Moment(monotonic: .seconds(2), time: Moment.at(3602).time))
        report.observations = [.init(signal: 0, content: .good(.number(50)))]
        events = ledger.take(Mailbox.Contents(reports: [report])).map(\.summary)
        #expect(events == ["clock stepped 3600.0 seconds"])
        #expect(
            lines.dropFirst() == [
                "d1/temperature 1.0", "note clock-step", "d1/temperature 50.0",
            ])
        #expect(ledger.gathering.due(at: .seconds(2))?.clock == .stepped)
    }

    @Test mutating func `after a step of the wall clock, since is by the clock as it is now`() {
        report(at: 1, [0: .good(.number(120)), 2: .good(.boolean(true))], devices: [0: .answering])
        let step = Duration.seconds(3600)
        func since(at second: Double) -> [Timestamp] {
            let machine = ledger.snapshot(at: .at(second))[0]
            return machine.devices.map(\.since) + machine.health.conditions.map(\.since)
                + ledger.status(at: .at(second)).connections.map(\.since)
        }
        let before = since(at: 2)
        _ = ledger.tick(
            at: Moment(monotonic: .seconds(2), time: Moment.at(3602).time), clock: .synced)
        #expect(since(at: 3602) == before.map { $0.moved(by: step) })
    }

    @Test mutating func `what the mailbox lost is lost in the books as well`() {
        let time = Moment.at(1).time
        let loss = Loss(records: 9, first: time, last: time, reason: .notStored)
        var contents = Mailbox.Contents()
        contents.loss = loss
        events = ledger.take(contents).map(\.summary)
        #expect(events == ["lost 9"])
        let status = ledger.status(at: .at(2))
        #expect(status.produced == status.sealed + status.waiting + status.lost)
        #expect(ledger.gathering.due(at: .seconds(10))?.losses == [loss])
    }
}

/// What a profile says of publishing, as a ledger heeds it.
struct PublishingTests {
    @Test func `silence ends with the poll that is nearest to its end`() {
        var constant = ProfileSignal.sample(name: "constant", every: .seconds(2))
        constant.bits = [0: "on"]
        constant.publishing = Publishing(
            deadband: 5, onChange: true, atLeastEvery: .seconds(9))
        let plan = PollPlan(.sample([.sample([constant, .sample(name: "other")])]))
        #expect(
            plan.publishing[0]
                == Publishing(deadband: 5, onChange: true, atLeastEvery: .seconds(8)))
        #expect(
            plan.publishing[1]
                == Publishing(deadband: nil, onChange: true, atLeastEvery: .seconds(8)))
        #expect(plan.publishing[2] == .always)
    }

    @Test func `a deadband alone is not for bits`() {
        var word = ProfileSignal.sample(name: "word")
        word.bits = [0: "on"]
        word.publishing.deadband = 5
        let plan = PollPlan(.sample([.sample([word])]))
        #expect(plan.publishing[0].deadband == 5)
        #expect(plan.publishing[1] == .always)
    }
}
