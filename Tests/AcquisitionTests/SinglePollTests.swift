// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Testing

@testable import Acquisition
@testable import Plant

struct SinglePollTests {
    static let profile = Profile.sample(
        [
            .sample(.float32, width: 2, name: "power", at: 0),
            .sample(name: "mode", at: 100), .sample(name: "absent", at: 200),
        ], maxGap: 0)

    @Test func `every request is asked once, and a refused one once more, over a real link`()
        async throws
    {
        let server = try ModbusServer(.tcp(port: 0))
        server.set([0x4275, 0], unit: 1, table: .holding, at: 0)
        server.set([7], unit: 1, table: .holding, at: 100)
        let poll = try #require(
            await SinglePoll.of(
                "press-1", device: nil,
                in: .sample([Self.profile], endpoint: server.endpoint)))
        #expect(poll.readings.map(\.signal.name) == ["d1/power", "d1/mode", "d1/absent"])
        #expect(
            poll.readings.map(\.content) == [
                .good(.number(61.25)), .good(.number(7)), .bad(.refused(exception: 2)),
            ])
        #expect(server.requests(unit: 1) == 4)
    }

    @Test func `a silent device is asked once and costs the others nothing else`() async throws {
        let server = try ModbusServer(.tcp(port: 0))
        for unit in [UInt8(1), 2] {
            server.set([0x4275, 0], unit: unit, table: .holding, at: 0)
            server.set([7], unit: unit, table: .holding, at: 100)
            server.set([8], unit: unit, table: .holding, at: 200)
        }
        server.commit(.silent, unit: 1)
        let poll = try #require(
            await SinglePoll.of(
                "press-1", device: nil,
                in: .sample(
                    [Self.profile, Self.profile], endpoint: server.endpoint,
                    timeout: .milliseconds(100))))
        #expect(poll.readings.prefix(3).allSatisfy { $0.content == .bad(.noAnswer) })
        #expect(poll.readings.dropFirst(3).allSatisfy { $0.content.quality == .good })
        #expect(server.requests(unit: 1) == 1)
    }

    @Test func `one device can be asked alone, and an unknown one is nothing`() async throws {
        let server = try ModbusServer(.tcp(port: 0))
        server.set([7, 7], unit: 2, table: .holding, at: 0)
        let configuration = Configuration.sample(
            [Self.profile, .sample([.sample(name: "mode")])], endpoint: server.endpoint)
        let poll = try #require(
            await SinglePoll.of("press-1", device: "d2", in: configuration))
        #expect(poll.readings.map(\.content) == [.good(.number(7))])
        #expect(server.requests(unit: 1) == 0)
        #expect(await SinglePoll.of("press-1", device: "d3", in: configuration) == nil)
        #expect(await SinglePoll.of("press-2", device: nil, in: configuration) == nil)
    }

    @Test func `without a connection everything is not connected`() async throws {
        let server = try ModbusServer(.tcp(port: 0))
        let endpoint = server.endpoint
        server.stop()
        await server.finished()
        let poll = try #require(
            await SinglePoll.of(
                "press-1", device: nil, in: .sample([Self.profile], endpoint: endpoint)))
        #expect(poll.readings.map(\.content) == Array(repeating: .bad(.notConnected), count: 3))
        #expect(poll.events.map(\.summary) == ["disconnected broken(errno: 111)"])
    }
}
