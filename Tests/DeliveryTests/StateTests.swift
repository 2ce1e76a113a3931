// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment
import Glibc
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

    @Test func `a buffer that fails is told, and takes nothing else with it`() async throws {
        try await Fixture.run { fixture in
            await fixture.buffer.close()
            let client = fixture.client
            let ready = try await client.get("/readyz")
            #expect(ready.status == 503 && ready.text.contains("buffer-unreadable"))
            let status = try await client.get("/v1/status")
            #expect(status.status == 200)
            #expect(status.text.contains(#""ready":false"#))
            #expect(status.text.contains(#""buffer":null,"consumers":[]"#))
            let page = try await client.get("/")
            #expect(page.status == 200 && page.text.contains("The buffer cannot be read."))
            #expect(page.text.contains("Cooling pump 3"))
            #expect(try await client.get("/v1/equipment").status == 200)
            for (method, target) in [
                ("GET", "/v1/batches"), ("GET", "/v1/consumers"), ("PUT", "/v1/consumers/mes"),
            ] {
                let reply = try await client.request(method, target)
                #expect(reply.status == 503, "\(method) \(target)")
                #expect(reply.headers["retry-after"] != nil)
                _ = try reply.problem()
            }
        }
    }

    @Test func `a busy port is an error that names it`() async throws {
        try await Fixture.run { fixture in
            let address = PullServer.Address(host: "127.0.0.1", port: fixture.client.port)
            let second = Fixture.server(at: address, buffer: fixture.buffer)
            let expected = PullServer.CannotListen(address: address, errno: EADDRINUSE)
            await #expect(throws: expected) { try await second.run() }
            #expect(throws: expected) { try address.check() }
            try PullServer.Address(host: "127.0.0.1", port: 0).check()
            let nowhere = PullServer.Address(host: "192.0.2.1", port: 8470)
            #expect(
                throws: PullServer.CannotListen(address: nowhere, errno: EADDRNOTAVAIL)
            ) { try nowhere.check() }
        }
    }
}
