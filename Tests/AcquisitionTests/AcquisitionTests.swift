// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment
import Modbus
import Testing

@testable import Acquisition
@testable import Plant

/// The whole of it: real Modbus servers, real threads, a real buffer.
@Suite(.conserving) struct AcquisitionTests {
    private let temporary: TemporaryBuffer
    private let events: AsyncStream<PlantEvent>
    private let tell: AsyncStream<PlantEvent>.Continuation

    init() throws {
        temporary = try TemporaryBuffer()
        (events, tell) = AsyncStream.makeStream()
    }

    /// Runs until `body` returns, and to the end of all sealing.
    private func run(
        _ configuration: Configuration, during body: (Acquisition) async throws -> Void
    ) async throws {
        let tell = tell
        let acquisition = Acquisition(
            configuration, version: "test", buffer: temporary.buffer, seed: 1,
            clockState: { .unsynced },
            events: { tell.yield($0) })
        temporary.produced { acquisition.status }
        async let end: Void = acquisition.run()
        do {
            try await body(acquisition)
        } catch {
            acquisition.stop()
            await end
            throw error
        }
        acquisition.stop()
        await end
        #expect(acquisition.status.waiting == 0)
    }

    /// Returns when an event beginning with each of these has come, in whatever order.
    private func event(_ beginnings: String...) async {
        var missing = beginnings
        for await event in events {
            missing.removeAll { event.summary.hasPrefix($0) }
            if missing.isEmpty { return }
        }
    }

    private static func device(every: Duration = .milliseconds(20)) -> Profile {
        var status = ProfileSignal.sample(name: "status", at: 0)
        status.bits = [1: "running"]
        return .sample(
            [status, .sample(.float32, width: 2, name: "power", at: 1)], every: every)
    }

    private static func serve(_ server: ModbusServer, units: ClosedRange<UInt8>) {
        for unit in units {
            server.set([2, 0x4275, 0], unit: unit, table: .holding, at: 0)
        }
    }

    @Test func `values arrive in the stream, between a start and a stop`() async throws {
        let server = try ModbusServer(.tcp(port: 0))
        Self.serve(server, units: 1...3)
        try await run(
            .sample(
                Array(repeating: Self.device(), count: 3), endpoint: server.endpoint,
                sealEvery: .milliseconds(100))
        ) { acquisition in
            await acquisition.polling()
            var batches: Int64 = 0
            // How many readings a batch has is up to the machine.
            while try await temporary.records().contents(of: "d3/power").count < 4 {
                try await temporary.buffer.grows(beyond: batches)
                batches += 1
            }
            let machine = try #require(acquisition.snapshot.first)
            #expect(machine.devices.map(\.state) == [.answering, .answering, .answering])
            #expect(machine.signals.allSatisfy { $0.content.quality == .good })
            #expect(acquisition.status.connections.map(\.isConnected) == [true])
        }
        let (batches, _) = try await temporary.contents()
        let records = batches.flatMap(\.records)
        #expect(records.words == ["started", "stopped"])
        #expect(batches.allSatisfy { $0.head.clock == .unsynced })
        for device in ["d1", "d2", "d3"] {
            let running = records.contents(of: "\(device)/status.running")
            #expect(!running.isEmpty && running.allSatisfy { $0 == .good(.boolean(true)) })
            #expect(records.contents(of: "\(device)/status").count == running.count)
            #expect(Set(records.contents(of: "\(device)/power")) == [.good(.number(61.25))])
        }
    }

    @Test func `a device that vanishes is bad once, and returns in full`() async throws {
        let server = try ModbusServer(.rtuOverTCP(port: 0))
        Self.serve(server, units: 1...2)
        try await run(
            .sample(
                [Self.device(every: .milliseconds(50)), Self.device(every: .milliseconds(50))],
                endpoint: server.endpoint)
        ) { _ in
            await event("d2 answers")
            server.commit(.silent, unit: 2)
            await event("d2 vanished")
            server.commit(nil, unit: 2)
            await event("d2 returns")
        }
        let records = try await temporary.records()
        let qualities = records.contents(of: "d2/power").map(\.quality)
        #expect(qualities.count { $0 == .bad } == 1)
        #expect(qualities.first == .good && qualities.last == .good)
        #expect(records.contents(of: "d1/power").allSatisfy { $0 == .good(.number(61.25)) })
    }

    @Test func `it starts with everything absent, and one connection costs another nothing`()
        async throws
    {
        let (gone, server) = (try ModbusServer(.tcp(port: 0)), try ModbusServer(.tcp(port: 0)))
        gone.stop()
        await gone.finished()
        Self.serve(server, units: 1...1)
        var configuration = Configuration.sample(
            [Self.device(), Self.device()], endpoint: gone.endpoint)
        configuration.connections.append(
            .init(name: "other", endpoint: server.endpoint, timeout: .seconds(1)))
        configuration.equipment[0].devices[0].via = "other"
        try await run(configuration) { acquisition in
            await event("disconnected broken(errno: 111)", "d1 answers")
            let machine = try #require(acquisition.snapshot.first)
            #expect(machine.devices[1].state == .offline)
            #expect(machine.signals[3].content == .bad(.notConnected))
        }
        let records = try await temporary.records()
        #expect(records.contents(of: "d2/power") == [.bad(.notConnected)])
        #expect(!records.contents(of: "d1/power").isEmpty)
    }

    @Test func `what a real device refuses is learnt, kept, and not asked for after a restart`()
        async throws
    {
        let server = try ModbusServer(.tcp(port: 0))
        server.set(Array(0..<20), unit: 1, table: .holding, at: 0)
        server.set(Array(21..<40), unit: 1, table: .holding, at: 21)
        let configuration = Configuration.sample(
            [LearningTests.block(every: .milliseconds(50))], endpoint: server.endpoint)
        let refused = [20] + Array(40..<60)
        try await run(configuration) { acquisition in
            await event("d1 learns")
            let machine = try #require(acquisition.snapshot.first)
            for (address, signal) in machine.signals.enumerated() {
                let isRefused = refused.contains(address)
                #expect(signal.content.quality == (isRefused ? .bad : .good), "\(address)")
            }
            #expect(acquisition.status.learnt.flatMap(\.signals) == refused.map { "r\($0)" })
        }
        let asked = server.requests(unit: 1)
        try await run(configuration) { acquisition in
            await event("d1 answers")
            #expect(acquisition.status.learnt.count == refused.count)
        }
        let polls = try await temporary.contents().batches.flatMap(\.records)
            .contents(of: "d1/r0").count
        #expect(server.requests(unit: 1) - asked <= 2 * polls, "two requests a poll, none refused")
    }

    @Test func `a stop during a long silence is quick and blames nobody`() async throws {
        let server = try ModbusServer(.tcp(port: 0))
        Self.serve(server, units: 1...1)
        var stopping = ContinuousClock.now
        try await run(
            .sample([Self.device()], endpoint: server.endpoint, timeout: .seconds(60))
        ) { _ in
            await event("d1 answers")
            let asked = server.requests(unit: 1)
            server.commit(.silent, unit: 1)
            while server.requests(unit: 1) == asked { await Task.yield() }
            stopping = .now
        }
        #expect(stopping.duration(to: .now) < .seconds(5), "the contract's time to end")
        let records = try await temporary.records()
        #expect(records.contents(of: "d1/power").allSatisfy { $0.quality == .good })
        #expect(records.words == ["started", "stopped"])
    }
}
