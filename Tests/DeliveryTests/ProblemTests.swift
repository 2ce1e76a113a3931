// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Delivery

/// Every error is a problem document, also those that no route of ours has seen.
@Suite struct ProblemTests {
    @Test func `nothing lives elsewhere`() async throws {
        try await Fixture.run { fixture in
            for target in [
                "/nothing", "/v1", "/v1/", "/v2/batches", "/v1/batches/", "/v1//batches",
                "/v1/batches/a/b", "/V1/batches", "/v1/consumers/mes/nothing", "/index.html",
                "/v1/equipment/", "/v1/%zz", "/v1/batches%2F1", "/../etc/passwd", "//",
                "/v1/equipment/nobody", "*",
            ] {
                let reply = try await fixture.client.get(target)
                #expect(reply.status == 404, "\(target)")
                _ = try reply.problem()
            }
        }
    }

    @Test func `a method that is not known here is 405 with Allow`() async throws {
        try await Fixture.run { fixture in
            let reading = "GET, HEAD"
            for (method, target, allow) in [
                ("POST", "/v1/batches", reading), ("PUT", "/v1/batches", reading),
                ("DELETE", "/v1/batches/q7m2k9xd.1", reading), ("PATCH", "/", reading),
                ("OPTIONS", "/v1/status", reading), ("TRACE", "/livez", reading),
                ("POST", "/v1/consumers", reading),
                ("POST", "/v1/consumers/mes", "GET, HEAD, PUT, DELETE"),
                ("GET", "/v1/consumers/mes/cursor", "PUT"),
                ("POST", "/v1/consumers/mes/cursor", "PUT"),
                ("PROPFIND", "/v1/batches", reading),
                ("QUERY", "/v1/batches", reading),
                ("BREW", "/v1/batches", "GET, HEAD, PUT, DELETE"),
            ] {
                let reply = try await fixture.client.request(method, target)
                #expect(reply.status == 405, "\(method) \(target)")
                #expect(reply.headers["allow"] == allow, "\(method) \(target)")
                _ = try reply.problem()
            }
        }
    }

    @Test func `what is too large is refused by its kind`() async throws {
        try await Fixture.run { fixture in
            let client = fixture.client
            let long = String(repeating: "a", count: Limits.targetBytes)
            #expect(try await client.get("/v1/batches?after=\(long)").status == 414)
            let field = String(repeating: "b", count: Limits.headerBytes)
            let header = try await client.get("/livez", ["X-Long": field])
            #expect(header.status == 431)
            _ = try header.problem()
            let many = Dictionary(
                uniqueKeysWithValues: (0...Limits.headerFields).map { ("X-\($0)", "y") })
            #expect(try await client.get("/livez", many).status == 431)
            let body = String(repeating: "c", count: Limits.bodyBytes + 1)
            for target in ["/v1/consumers/mes", "/v1/consumers/mes/cursor"] {
                _ = try await client.request("PUT", "/v1/consumers/mes")
                let reply = try await client.request("PUT", target, body: body)
                #expect(reply.status == 413, "\(target)")
                _ = try reply.problem()
            }
            let chunks = "1001\r\n\(body.prefix(4_097))\r\n0\r\n\r\n"
            let head = RawClient.head(
                "PUT", "/v1/consumers/mes", ["Transfer-Encoding": "chunked"], nil)
            let chunked = try await client.exchange(head + chunks)
            #expect(chunked.status == 413)
        }
    }

    @Test func `what is not HTTP is told so, and the connection ends`() async throws {
        try await Fixture.run { fixture in
            for bytes in [
                "nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
                "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
                "GET / HTTP/1.1\r\nA B: c\r\n\r\n",
                "\u{16}\u{3}\u{1}\u{2}\u{0}",
            ] {
                let reply = try await fixture.client.exchange(bytes)
                #expect((400...499).contains(reply.status), "\(bytes)")
                _ = try reply.problem()
            }
        }
    }

    @Test func `a client that sends far too much still gets the answer`() async throws {
        try await Fixture.run { fixture in
            let much = String(repeating: "much ", count: 1 << 20)
            for bytes in [
                "GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Long: \(much)\r\n\r\n",
                RawClient.head("PUT", "/v1/consumers/mes", [:], much) + much,
            ] {
                let reply = try await fixture.client.connect { connection in
                    try await connection.reply(whileSending: bytes)
                }
                #expect([431, 413].contains(reply.status))
                _ = try reply.problem()
            }
        }
    }

    @Test func `garbage after a request does not spoil its answer`() async throws {
        try await Fixture.run { fixture in
            let request = RawClient.head("GET", "/livez", [:], nil)
            let replies = try await fixture.client.connect { connection in
                try await connection.send(request + "garbage garbage\r\n\r\n")
                return try await (connection.reply(), connection.reply())
            }
            #expect(replies.0.status == 200 && replies.0.text == "{\"alive\":true}\n")
            #expect((400...499).contains(replies.1.status))
            _ = try replies.1.problem()
        }
    }

    @Test func `only the names of this host are answered to`() async throws {
        try await Fixture.run { fixture in
            for host in ["localhost", "localhost:8470", "127.0.0.1:1", "[::1]:8470", "LOCALHOST"] {
                #expect(try await fixture.client.get("/livez", ["Host": host]).status == 200)
            }
            for host in [
                "evil.example", "evil.example:8470", "localhost.evil.example", "[::2]", "",
            ] {
                let reply = try await fixture.client.get("/livez", ["Host": host])
                #expect(reply.status == 421, "\(host)")
                _ = try reply.problem()
            }
        }
    }

    @Test func `one Host is needed, and one only`() async throws {
        try await Fixture.run { fixture in
            for hosts in ["", "Host: localhost\r\nHost: localhost\r\n"] {
                let reply = try await fixture.client.exchange(
                    "GET /livez HTTP/1.1\r\n\(hosts)Connection: close\r\n\r\n")
                #expect(reply.status == 400, "\(hosts)")
                _ = try reply.problem()
            }
        }
    }

    @Test func `requests follow one another on one connection`() async throws {
        try await Fixture.run { fixture in
            try await fixture.client.connect { connection in
                for _ in 0..<50 {
                    let targets = ["/livez", "/nothing", "/v1/batches?limit=0", "/v1/status"]
                    for target in targets {
                        try await connection.send(RawClient.head("GET", target, [:], nil))
                    }
                    for status in [200, 404, 400, 200] {
                        #expect(try await connection.reply().status == status)
                    }
                }
            }
        }
    }

    @Test func `what the buffer fails is told when it begins and when it is over`() {
        let outages = Outages()
        #expect(!outages.end("PUT"), "nothing has failed")
        #expect(outages.begin("PUT") && !outages.begin("PUT") && !outages.begin("PUT"))
        #expect(!outages.end("GET"), "reading goes on, and says nothing of writing")
        #expect(outages.begin("GET") && outages.end("GET"))
        #expect(outages.end("PUT") && !outages.end("PUT") && outages.begin("PUT"))
    }
}
