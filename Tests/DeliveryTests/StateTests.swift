// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment
import Glibc
import ServiceLifecycle
import Testing

@testable import Delivery

/// What is so now, over HTTP.
@Suite struct StateTests {
    @Test func `an equipment has the shape of the contract, byte for byte`() async throws {
        try await Fixture.run { fixture in
            let reply = try await fixture.client.get("/v1/equipment/lathe-4")
            let hash = String(repeating: "5f", count: 32)
            let golden =
                #"{"id":"lathe-4","label":"Lathe 4","area":"machining","model":"sha256:\#(hash)","#
                + #""health":{"known":true,"status":"check-function","flags":["check-function"],"#
                + #""index":89,"coverage":1,"conditions":[{"condition":"local-operation","#
                + #""component":null,"state":"active","since":"2026-11-19T21:52:03.120Z","#
                + #""status":"check-function","text":"The drive is in local operation","#
                + #""action":"Ask who works on it"}]},"data":{"status":"normal","devices":["#
                + #"{"device":"spindle","state":"answering","since":"2026-11-19T22:52:03.120Z"}]},"#
                + #""signals":[{"signal":"spindle/speed","role":null,"unit":"/min","value":0,"#
                + #""quality":"good","time":"2026-11-20T01:04:02.708Z","age_ms":412}]}"# + "\n"
            #expect(reply.text == golden)
            #expect(reply.headers["cache-control"] == "no-store")
        }
    }

    @Test func `silence is not normal`() async throws {
        try await Fixture.run { fixture in
            let reply = try await fixture.client.get("/v1/equipment/compressor-2")
            let text = reply.text
            #expect(
                text.contains(#""health":{"known":false,"status":null,"flags":[],"index":null"#))
            #expect(text.contains(#""data":{"status":"failure""#))
            #expect(text.contains(#""value":null,"quality":"bad","reason":"no-answer""#))
            #expect(text.contains(#""value":18442,"quality":"uncertain","reason":"stale""#))
            #expect(text.contains(#""reason":"refused","exception":2"#))
            let robot = try await fixture.client.get("/v1/equipment/robot-2").text
            #expect(robot.contains(#""data":{"status":"check-function""#))
            #expect(robot.contains(#""reason":"not-yet-read","time":null,"age_ms":null"#))
        }
    }

    @Test func `all equipment is a list of the same`() async throws {
        try await Fixture.run { fixture in
            let all = try await fixture.client.get("/v1/equipment").text
            #expect(all.hasPrefix(#"{"equipment":[{"id":"press-1","#))
            for id in SamplePlant.equipment.map(\.id) {
                let one = try await fixture.client.get("/v1/equipment/\(id)").text
                #expect(all.contains(one.dropLast()), "\(id)")
            }
        }
    }

    @Test(arguments: [
        ([DeviceState.answering, .answering], HealthStatus.normal),
        ([.answering, .suspect], .offSpec), ([.suspect, .unknown], .checkFunction),
        ([.unknown, .offline], .failure), ([.refused, .answering], .failure),
    ]) func `the data's status is that of its worst device`(
        states: [DeviceState], status: HealthStatus
    ) {
        var equipment = SamplePlant.oven
        equipment.devices = states.map { SamplePlant.device("d", $0) }
        #expect(equipment.dataStatus == status)
    }

    @Test func `the status tells of the gateway, its buffer and its consumers`() async throws {
        try await Fixture.run { fixture in
            try await fixture.seal()
            _ = try await fixture.client.request("PUT", "/v1/consumers/mes")
            let reply = try await fixture.client.get("/v1/status")
            #expect(reply.status == 200)
            let text = reply.text
            #expect(text.hasPrefix(#"{"gateway":"edge-07","site":"suzhou-2","version":"0.1.0","#))
            #expect(text.contains(#""uptime_seconds":263200,"#))
            #expect(text.contains(#""ready":true,"reasons":[],"counters":{"polls":1843202,"#))
            let epoch = fixture.buffer.epoch.text
            #expect(
                text.contains(
                    #""buffer":{"epoch":"\#(epoch)","oldest":"\#(epoch).1","newest":"\#(epoch).1""#)
            )
            #expect(text.contains(#""lost_records":0,"#))
            #expect(text.contains(#""consumers":[{"name":"mes","cursor":"\#(epoch).0""#))
        }
    }

    @Test func `alive and ready, or not ready with the reasons`() async throws {
        try await Fixture.run { fixture in
            let alive = try await fixture.client.get("/livez")
            #expect(alive.status == 200 && alive.text == "{\"alive\":true}\n")
            let ready = try await fixture.client.get("/readyz")
            #expect(ready.status == 200 && ready.text == "{\"ready\":true,\"reasons\":[]}\n")
        }
        var status = SamplePlant.status
        status.obstacles = [.init(obstacle: "disk-full", text: "The disk is full: make room.")]
        try await Fixture.run(status: status) { fixture in
            let reply = try await fixture.client.get("/readyz")
            #expect(reply.status == 503)
            let golden =
                #"{"ready":false,"reasons":[{"reason":"disk-full","#
                + #""text":"The disk is full: make room."}]}"#
            #expect(reply.text == golden + "\n")
            #expect(try await fixture.client.get("/livez").status == 200)
            #expect(try await fixture.client.get("/v1/status").text.contains(#""ready":false"#))
            #expect(try await fixture.client.get("/").text.contains("The disk is full: make room."))
        }
    }

    @Test func `a busy port is an error that names it`() async throws {
        try await Fixture.run { fixture in
            let address = PullServer.Address(host: "127.0.0.1", port: fixture.client.port)
            let second = Fixture.server(at: address, buffer: fixture.buffer)
            let expected = PullServer.CannotListen(address: address, errno: EADDRINUSE)
            await #expect(throws: expected) { try await second.run() }
        }
    }

    @Test func `a service group stops it gracefully, with a long poll under way`() async throws {
        try await Fixture.run { fixture in
            let (ports, listening) = AsyncStream<Int>.makeStream()
            let server = Fixture.server(
                at: .init(host: "127.0.0.1", port: 0), buffer: fixture.buffer
            ) { listening.yield($0) }
            let group = ServiceGroup(services: [server], logger: Fixture.logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                let port = try #require(await ports.first { _ in true })
                let client = RawClient(port: port)
                tasks.addTask {
                    let reply = try await client.get("/v1/batches?wait=60")
                    #expect(reply.status == 200)
                    #expect(try reply.json(Reply.Page.self).batches.isEmpty)
                }
                while server.waiters == 0 { try await Task.sleep(for: .milliseconds(2)) }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }
}
