// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Testing

@testable import Acquisition
@testable import Plant

extension Report.Poll {
    /// A poll of the line's first device, in seconds.
    static func sample(
        from began: Double, to end: Double, device: Int = 0, outcome: Traffic.Outcome = .answer
    ) -> Report.Poll {
        Report.Poll(
            device: device,
            request: Request(unit: UInt8(device + 1), table: .holding, start: 0, count: 1),
            outcome: outcome, began: .seconds(began), due: nil, overruns: 0)
    }
}

/// What is known of a line's quality, from the reports of its poller.
struct LineWatchTests {
    private static func watch(
        _ line: ManualLine, of configuration: Configuration
    ) -> (status: ConnectionSnapshot, end: Moment) {
        let plan = PollPlan(configuration).lines[0]
        var watch = LineWatch(plan, at: .at(0))
        for report in line.reports { watch.take(report) }
        let end = line.reports.last?.at ?? .at(0)
        let standings = plan.devices.map {
            DeviceSnapshot(device: $0.name.device, state: .unknown, since: end.time)
        }
        return (watch.snapshot(of: standings, at: end), end)
    }

    @Test func `each device's requests are counted by how they went, and add up to the line's`() {
        let configuration = Configuration.sample(RoundsTests.devices(3))
        let line = ManualLine(configuration, for: .seconds(60)) { request, now in
            switch request.unit {
            case 2: .fail(.refused(exception: 2))
            case 3: now > .seconds(10) ? .fail(.silent) : .fail(.garbled)
            default: .answer
            }
        }
        let (status, _) = Self.watch(line, of: configuration)
        let traffic = status.devices.map(\.traffic)
        #expect(traffic[0].answers == traffic[0].requests && traffic[0].requests >= 60)
        #expect(traffic[1].exceptions == [2: traffic[1].requests])
        #expect(traffic[2].garbled > 0 && traffic[2].timeouts > 0)
        #expect(status.traffic.requests == line.asks.count)
        #expect(traffic.reduce(0) { $0 + $1.requests } == status.traffic.requests)
        #expect(status.devices.map(\.unit) == [1, 2, 3])
    }

    @Test func `an endpoint in the other framing is told once and counted`() throws {
        let plan = PollPlan(Configuration.sample(RoundsTests.devices(1))).lines[0]
        var rounds = Rounds(plan, share: 0, dice: Dice(seed: 1))
        var watch = LineWatch(plan, at: .at(0))
        var events: [String] = []
        for count in [0, 1, 2] {
            var report = Report(line: 0, at: .at(Double(count)))
            var link = LinkCounts()
            link.otherFraming = count
            report.link = link
            rounds.complete(&report)
            watch.take(report)
            events += report.events.map(\.summary)
        }
        #expect(events == ["\(plan.name) speaks RTU"])
        let standings = [DeviceSnapshot(device: "a", state: .unknown, since: Moment.at(0).time)]
        #expect(watch.snapshot(of: standings, at: .at(3)).otherFraming == 2)
    }

    @Test func `the round trip is the request's, and lateness counts from the slot`() throws {
        let configuration = Configuration.sample(RoundsTests.devices(2))
        // From the second 30 on, unit 1 is silent: unit 2 comes late once a cycle.
        let line = ManualLine(configuration, for: .seconds(33)) { request, now in
            request.unit == 1 && now >= .seconds(30) ? .fail(.silent) : .answer
        }
        let (status, _) = Self.watch(line, of: configuration)
        let median = try #require(status.devices[1].traffic.roundTrips.quantile(0.5))
        #expect(abs(median / ManualDevices.roundTrip - 1) < 0.05)
        let lateness = status.devices[1].traffic.lateness
        #expect(try #require(lateness.quantile(0.4)) < .milliseconds(1))
        #expect(try #require(lateness.quantile(1)) >= .milliseconds(300))
        #expect(lateness.count < status.devices[1].traffic.requests, "the first is out of turn")
    }

    @Test func `the load of a wire is that of its last minute, with the quiet it needs`() {
        let serial = WirePlanTests.serial(9600)
        let plan = PollPlan(.sample(RoundsTests.devices(2), endpoint: serial)).lines[0]
        let quiet = WireTime(endpoint: serial).silence
        var watch = LineWatch(plan, at: .at(0))
        func load(at second: Double) -> Double? {
            let standings = plan.devices.map {
                DeviceSnapshot(device: $0.name.device, state: .unknown, since: Moment.at(0).time)
            }
            return watch.snapshot(of: standings, at: .at(second)).load.measured
        }
        #expect(load(at: 9) == nil)
        for second in 0..<200 {
            var report = Report(line: 0, at: .at(Double(second) + 0.25))
            report.poll = .sample(
                from: Double(second), to: Double(second) + 0.25, device: second % 2)
            watch.take(report)
        }
        let expected = 0.25 + quiet / .seconds(1)
        #expect(abs((load(at: 200) ?? 0) - expected) < 0.002)
        #expect(abs((load(at: 230) ?? 0) - expected / 2) < 0.01, "half a minute of nothing")
        #expect(load(at: 300) == 0)
        #expect(load(at: 100_000) == 0)
    }

    @Test func `the measured cycle is what all requests last took`() throws {
        let configuration = Configuration.sample(RoundsTests.devices(4))
        let line = ManualLine(configuration, for: .seconds(5))
        let (status, end) = Self.watch(line, of: configuration)
        let requests = PollPlan(configuration).lines[0].devices.flatMap(\.reads).count
        #expect(try #require(status.cycle.measured) == ManualDevices.roundTrip * requests)
        #expect(end.monotonic > .seconds(4))
    }

    @Test func `what the link has met is told with each poll`() {
        var report = Report(line: 0, at: .at(1))
        report.poll = .sample(from: 0, to: 1)
        var counts = LinkCounts()
        (counts.connections, counts.damagedFrames, counts.strayBytes) = (3, 4, 5)
        report.link = counts
        let plan = PollPlan(.sample(RoundsTests.devices(1))).lines[0]
        var watch = LineWatch(plan, at: .at(0))
        watch.take(report)
        let status = watch.snapshot(
            of: [DeviceSnapshot(device: "d1", state: .unknown, since: Moment.at(0).time)],
            at: .at(2))
        #expect((status.reconnects, status.damagedFrames, status.strayBytes) == (2, 4, 5))
    }
}
