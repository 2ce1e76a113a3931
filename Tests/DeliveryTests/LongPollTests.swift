// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import ServiceLifecycle
import Testing

@testable import Delivery

/// Waiting for the next batch: woken by it, and by everything that makes waiting senseless.
@Suite struct LongPollTests {
    @Test func `a long poll answers when a batch is sealed, and the connection goes on`()
        async throws
    {
        try await Fixture.run { fixture in
            let epoch = fixture.buffer.epoch.text
            try await soonerThanTheWait {
                try await fixture.client.connect { connection in
                    for number in 1...3 {
                        let target = "/v1/batches?after=\(epoch).\(number - 1)&wait=60"
                        try await connection.send(RawClient.head("GET", target, [:], nil))
                        try await fixture.waiters(1)
                        try await fixture.seal()
                        let page = try await connection.reply().json(Reply.Page.self)
                        #expect(page.batches.map(\.cursor) == ["\(epoch).\(number)"])
                        #expect(page.next == "\(epoch).\(number)")
                    }
                }
            }
        }
    }

    @Test func `a long poll in vain answers 200 with the same place`() async throws {
        try await Fixture.run { fixture in
            let head = try await fixture.seal()
            let reply = try await fixture.client.get("/v1/batches?after=latest&wait=1")
            #expect(reply.status == 200)
            let page = try reply.json(Reply.Page.self)
            #expect(page.next == head.cursor.description && page.batches.isEmpty && !page.more)
        }
    }

    @Test func `what is there already is not waited for`() async throws {
        try await Fixture.run { fixture in
            try await fixture.seal()
            let page = try await fixture.client.get("/v1/batches?wait=60").json(Reply.Page.self)
            #expect(page.batches.count == 1)
        }
    }

    @Test func `a client that leaves gives its place back`() async throws {
        try await Fixture.run { fixture in
            try await soonerThanTheWait {
                try await fixture.client.connect { connection in
                    let head = RawClient.head("GET", "/v1/batches?wait=60", [:], nil)
                    try await connection.send(head)
                    try await fixture.waiters(1)
                }
                try await fixture.waiters(0)
            }
        }
    }

    @Test func `one waiter too many is told when to come back`() async throws {
        try await Fixture.run { fixture in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<Limits.waiters {
                    group.addTask { try await fixture.client.get("/v1/batches?wait=60").status }
                }
                try await fixture.waiters(Limits.waiters)
                let reply = try await fixture.client.get("/v1/batches?wait=60")
                #expect(reply.status == 429)
                #expect(reply.headers["retry-after"] == "\(Limits.retryAfterSeconds)")
                _ = try reply.problem()
                try await fixture.seal()
                for try await status in group { #expect(status == 200) }
            }
        }
    }

    @Test func `stopping ends long polls at once`() async throws {
        try await soonerThanTheWait {
            try await Fixture.run { fixture in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        // Whether the answer still gets through is up to the race.
                        try await fixture.client.connect { connection in
                            let head = RawClient.head("GET", "/v1/batches?wait=60", [:], nil)
                            try await connection.send(head)
                            _ = try await connection.rest()
                        }
                    }
                    try await fixture.waiters(1)
                    fixture.stop()
                }
            }
        }
    }

    @Test func `a service group stops it gracefully, with a long poll under way`() async throws {
        try await Fixture.run { fixture in
            let (ports, listening) = AsyncStream<Int>.makeStream()
            let server = Fixture.server(
                at: .init(host: "127.0.0.1", port: 0), buffer: fixture.buffer
            ) { listening.yield($0) }
            let group = ServiceGroup(services: [server], logger: Fixture.logger)
            try await soonerThanTheWait {
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask { try await group.run() }
                    let port = try #require(await ports.first { _ in true })
                    tasks.addTask {
                        let reply = try await RawClient(port: port).get("/v1/batches?wait=60")
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

    /// What should not take the minute that was asked for must not take half of it.
    private func soonerThanTheWait(_ work: () async throws -> Void) async throws {
        let clock = ContinuousClock()
        let spent = try await clock.measure(work)
        #expect(spent < .seconds(30))
    }
}
