// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Testing

@testable import Acquisition
@testable import Plant

struct WirePlanTests {
    static func serial(_ baud: Int) -> Endpoint {
        .serial(
            path: "/dev/ttyS9",
            format: SerialFormat(baud: baud, dataBits: 8, parity: .even, stopBits: 1))
    }

    /// Measured on paper: 11 bits a character, 5 ms turnaround, silences of 3.5 characters.
    static let serialTimes: [(baud: Int, registers: Int, milliseconds: Double)] = [
        (9600, 2, 32.5), (9600, 10, 50.8), (9600, 60, 165), (9600, 125, 314), (19200, 2, 18.8),
        (19200, 60, 85), (38400, 10, 18.0), (38400, 125, 83.8), (57600, 60, 33.9),
        (115_200, 2, 10.1), (115_200, 125, 33.6),
    ]

    @Test(arguments: serialTimes)
    func `a serial request takes what its characters and silences take`(
        _ baud: Int, _ registers: Int, _ milliseconds: Double
    ) {
        let time = WireTime(endpoint: Self.serial(baud)).predicted(
            Request(unit: 1, table: .holding, start: 0, count: registers), gap: .zero)
        #expect(abs(time / .milliseconds(1) - milliseconds) < milliseconds * 0.006)
    }

    @Test func `coils take an eighth of a byte each`() {
        let time = WireTime(endpoint: Self.serial(9600))
        let coils = time.predicted(Request(unit: 1, table: .coil, start: 0, count: 17), gap: .zero)
        let registers = time.predicted(
            Request(unit: 1, table: .input, start: 0, count: 1), gap: .zero)
        #expect(abs((coils - registers) / .milliseconds(1) - 11 / 9.6) < 0.01)
    }

    @Test func `a device's quiet time takes the place of the silence it exceeds`() {
        let time = WireTime(endpoint: Self.serial(9600))
        let request = Request(unit: 1, table: .input, start: 0, count: 1)
        let gain =
            time.predicted(request, gap: .milliseconds(50))
            - time.predicted(request, gap: .milliseconds(1))
        #expect(abs(gain / .milliseconds(1) - (50 - 11 * 3.5 / 9.6)) < 0.001)
    }

    @Test func `a device's quiet time holds nobody up but itself`() {
        let signals = [
            ProfileSignal.sample(name: "a", at: 0), .sample(name: "b", at: 100),
        ]
        let profile = Profile.sample(signals, maxGap: 0, requestGap: .milliseconds(50))
        let time = WireTime(endpoint: Self.serial(9600))
        let alone = WirePlan.all(of: .sample([profile], endpoint: Self.serial(9600)))[0]
        let request = alone.items[0].request
        let (short, long) = (
            time.predicted(request, gap: .zero), time.predicted(request, gap: .milliseconds(50))
        )
        #expect(alone.items.map(\.predicted) == [long, long], "it is asked again after itself")
        let two = WirePlan.all(of: .sample([profile, profile], endpoint: Self.serial(9600)))[0]
        #expect(two.items.map(\.predicted) == [long, short, long, short])
        #expect(two.load(of: two.items[0].device) == two.load / 2)
    }

    @Test func `a dead device costs a timeout, then less, then a probe for each step`() throws {
        let profile = Profile.sample([.sample(name: "a", at: 0)])
        let plan = WirePlan.all(
            of: .sample([profile, profile, profile], endpoint: Self.serial(9600)))[0]
        let dead = try #require(plan.costOfDeadDevice)
        let each = plan.items[0].predicted
        #expect(dead.cycles == 3)
        #expect(dead.timeout == .milliseconds(1050))
        #expect(dead.cycle == .milliseconds(1050) + each * 2)
        #expect(abs(dead.load - (1.05 + 2 * (each / .seconds(1)))) < 1e-9)
        #expect(dead.probe == each * 2 + .milliseconds(50))
        #expect(dead.loadInTheEnd < dead.loadAtFirst && dead.loadAtFirst < dead.load)
        #expect(dead.steps == .seconds(2)...(.seconds(60)))
        let tcp = Configuration.sample([profile, profile])
        let behindGateway = try #require(WirePlan.all(of: tcp)[0].costOfDeadDevice)
        #expect(behindGateway.probe == behindGateway.timeout, "a gateway keeps what it was asked")
        let alone = WirePlan.all(of: .sample([profile]))[0]
        #expect(alone.costOfDeadDevice == nil, "there is nobody to hold up")
    }

    @Test func `what is asked again is told apart from what is predicted`() {
        var energy = ProfileSignal.sample(.uint32, width: 2, name: "energy", at: 100)
        energy.counter = Counter(rollover: 0x1p32)
        var starts = ProfileSignal.sample(name: "starts", at: 0)
        starts.counter = Counter(rollover: 0x1p16)
        func plan(_ signals: [ProfileSignal]) -> WirePlan {
            WirePlan.all(of: .sample([.sample(signals, maxGap: 0)], endpoint: Self.serial(9600)))[0]
        }
        #expect(plan([starts]).loadOfRereads == 0, "one register is never torn")
        let both = plan([starts, energy])
        let each = both.items[1].predicted / .seconds(1)
        #expect(both.items[1].signals == ["energy"])
        #expect(abs(both.loadOfRereads - 3 * each) < 1e-9)
        #expect(both.load < 2 * each + 1e-9)
    }

    @Test func `no answer is expected sooner than the wire can carry it`() {
        let configuration = Configuration.sample(
            [.sample([.sample(.string, width: 125)], maxRegisters: 125)],
            endpoint: Self.serial(1200), timeout: .milliseconds(300))
        let line = PollPlan(configuration).lines[0]
        #expect(line.timeout(for: line.devices[0].reads[0].request) > .seconds(2))
    }

    @Test func `the plan names each request, its signals, its waste, and the load of the wire`() {
        let profile = Profile.sample([
            .sample(.float32, width: 2, name: "a", table: .input, at: 0),
            .sample(.float32, width: 2, name: "c", table: .input, at: 6),
            .sample(.uint32, width: 2, name: "b", table: .input, at: 2, every: .seconds(10)),
            .sample(.uint32, width: 2, name: "e", table: .input, at: 70, every: .seconds(10)),
        ])
        let plan = WirePlan.all(
            of: .sample([profile, profile], endpoint: Self.serial(9600)))[0]
        #expect(plan.connection == "line")
        #expect(plan.items.map(\.request.unit) == [1, 1, 2, 2])
        #expect(plan.items.map(\.request.start) == [0, 70, 0, 70])
        #expect(plan.items.map(\.request.count) == [8, 2, 8, 2])
        #expect(plan.items.map(\.signals) == [["a", "b", "c"], ["e"], ["a", "b", "c"], ["e"]])
        #expect(plan.items.map(\.waste) == [2, 0, 2, 0])
        #expect(plan.items.map(\.period) == [.seconds(1), .seconds(10), .seconds(1), .seconds(10)])
        #expect(plan.items.map(\.device.device) == ["d1", "d1", "d2", "d2"])
        let (fast, slow) = (plan.items[0].predicted, plan.items[1].predicted)
        #expect(plan.cycle == (fast + slow) * 2)
        let load = (fast / .seconds(1) + slow / .seconds(10)) * 2
        #expect(abs(plan.load - load) < 1e-9)
        #expect(plan.load > 0.09 && plan.load < 0.11)
    }
}
