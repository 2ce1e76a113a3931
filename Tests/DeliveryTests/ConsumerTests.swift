// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Testing

@testable import Delivery

/// Named readers over HTTP, by the contract's table.
@Suite struct ConsumerTests {
    @Test func `a consumer is made, shown, listed and removed`() async throws {
        try await Fixture.run { fixture in
            let client = fixture.client
            try await fixture.seal()
            let epoch = fixture.buffer.epoch.text
            let unknown = try await client.get("/v1/consumers/mes")
            #expect(unknown.status == 404)
            _ = try unknown.problem()
            let made = try await client.request("PUT", "/v1/consumers/mes")
            #expect(made.status == 201)
            let consumer = try made.json(Reply.Consumer.self)
            #expect(consumer.name == "mes" && consumer.cursor == "\(epoch).0")
            #expect(consumer.lag_batches == 1 && consumer.lag_readings == 3)
            #expect(consumer.moved == nil && consumer.holds_back_bytes > 0)
            #expect(made.headers["etag"] == "\"\(epoch).0\"")
            let again = try await client.request("PUT", "/v1/consumers/mes", body: "{}")
            #expect(again.status == 200)
            #expect(again.body == made.body)
            let list = try await client.get("/v1/consumers")
            #expect(list.text.hasPrefix(#"{"consumers":[{"name":"mes","cursor":"#))
            let gone = try await client.request("DELETE", "/v1/consumers/mes")
            #expect(gone.status == 204 && gone.body.isEmpty)
            #expect(gone.headers["content-length"] == nil)
            #expect(try await client.request("DELETE", "/v1/consumers/mes").status == 404)
        }
    }

    @Test(arguments: [
        ("", 201, "0"), ("{}", 201, "0"), (" {} \n", 201, "0"),
        (#"{"start":"earliest"}"#, 201, "0"), (#"{"start":"latest"}"#, 201, "2"),
        (#"{"start":"EPOCH.1"}"#, 201, "1"), (#"{"start":"EPOCH.3"}"#, 400, ""),
        (#"{"start":"soon"}"#, 400, ""), (#"{"start":1}"#, 400, ""), (#"{"start":null}"#, 400, ""),
        (#"{"begin":"earliest"}"#, 400, ""), (#"{"start":"latest","x":"y"}"#, 400, ""),
        ("[]", 400, ""), ("null", 400, ""), ("\"earliest\"", 400, ""), ("{", 400, ""),
        ("{}{}", 400, ""), ("earliest", 400, ""), ("\u{0}", 400, ""),
    ]) func `where a new consumer starts`(body: String, status: Int, sequence: String) async throws
    {
        try await Fixture.run { fixture in
            try await fixture.seal()
            try await fixture.seal()
            let epoch = fixture.buffer.epoch.text
            let text = body.split(separator: "EPOCH", omittingEmptySubsequences: false)
                .joined(separator: epoch)
            let reply = try await fixture.client.request(
                "PUT", "/v1/consumers/mes", ["Content-Type": "application/json"], body: text)
            #expect(reply.status == status, "\(reply.text)")
            if status == 201 {
                #expect(try reply.json(Reply.Consumer.self).cursor == "\(epoch).\(sequence)")
            } else {
                _ = try reply.problem()
            }
        }
    }

    @Test func `a bad name is refused with every method`() async throws {
        try await Fixture.run { fixture in
            let names = [
                "Mes", "-mes", "m_s", "m.s", "m%20s", "m%00", "é",
                String(repeating: "a", count: 64),
            ]
            for name in names {
                for method in ["GET", "PUT", "DELETE"] {
                    let reply = try await fixture.client.request(method, "/v1/consumers/\(name)")
                    #expect(reply.status == 400, "\(method) \(name)")
                    _ = try reply.problem()
                }
                let pull = try await fixture.client.get("/v1/consumers/\(name)/batches")
                #expect(pull.status == 400, "\(name)")
                let put = try await fixture.client.request(
                    "PUT", "/v1/consumers/\(name)/cursor", body: "q7m2k9xd.1")
                #expect(put.status == 400, "\(name)")
            }
            let longest = String(repeating: "a", count: 63)
            let reply = try await fixture.client.request("PUT", "/v1/consumers/\(longest)")
            #expect(reply.status == 201)
        }
    }

    @Test func `it reads from what it acknowledged, as often as it likes`() async throws {
        try await Fixture.run { fixture in
            let client = fixture.client
            for _ in 0..<3 { try await fixture.seal() }
            let epoch = fixture.buffer.epoch.text
            #expect(try await client.get("/v1/consumers/mes/batches").status == 404)
            _ = try await client.request("PUT", "/v1/consumers/mes")
            for _ in 0..<2 {
                let page = try await client.get("/v1/consumers/mes/batches?limit=2")
                    .json(Reply.Page.self)
                #expect(page.batches.map(\.cursor) == ["\(epoch).1", "\(epoch).2"])
            }
            let moved = try await client.request(
                "PUT", "/v1/consumers/mes/cursor", ["Content-Type": "text/plain"],
                body: "\(epoch).2\n")
            #expect(moved.status == 200)
            #expect(try moved.json(Reply.Consumer.self).moved == true)
            let page = try await client.get("/v1/consumers/mes/batches").json(Reply.Page.self)
            #expect(page.batches.map(\.cursor) == ["\(epoch).3"])
        }
    }

    /// Body, media type, status, `moved`, and where the consumer is afterwards; it begins at 2 of 3.
    static let acknowledgements: [(String, String?, Int, Bool?, String)] = [
        ("EPOCH.3", "text/plain", 200, true, "3"),
        ("EPOCH.3\r\n", "text/plain; charset=utf-8", 200, true, "3"),
        ("EPOCH.3", nil, 200, true, "3"),
        ("EPOCH.3", "application/x-www-form-urlencoded", 200, true, "3"),
        (#"{"cursor":"EPOCH.3"}"#, "application/json", 200, true, "3"),
        (#"{"cursor":"EPOCH.3"}"#, nil, 200, true, "3"),
        ("EPOCH.2", "text/plain", 200, false, "2"),
        ("EPOCH.1", "text/plain", 200, false, "2"),
        ("EPOCH.0", "text/plain", 200, false, "2"),
        ("EPOCH.4", "text/plain", 422, nil, "2"),
        ("EPOCH.9223372036854775807", "text/plain", 422, nil, "2"),
        ("00000000.1", "text/plain", 409, nil, "2"),
        ("nonsense", "text/plain", 400, nil, "2"),
        ("", "text/plain", 400, nil, "2"),
        ("", nil, 400, nil, "2"),
        ("{}", "application/json", 400, nil, "2"),
        (#"{"cursor":3}"#, "application/json", 400, nil, "2"),
        (#"{"cursor":"EPOCH.3","x":"y"}"#, "application/json", 400, nil, "2"),
        ("EPOCH.3", "application/json", 400, nil, "2"),
        (#"{"cursor":"EPOCH.3"}"#, "text/plain", 400, nil, "2"),
        ("<c>EPOCH.3</c>", "application/xml", 415, nil, "2"),
    ]

    @Test(arguments: acknowledgements.indices)
    func `an acknowledgement moves forward or says why not`(row: Int) async throws {
        let (body, type, status, moved, end) = Self.acknowledgements[row]
        try await Fixture.run { fixture in
            for _ in 0..<3 { try await fixture.seal() }
            let epoch = fixture.buffer.epoch.text
            _ = try await fixture.client.request(
                "PUT", "/v1/consumers/mes", body: #"{"start":"\#(epoch).2"}"#)
            let text = body.split(separator: "EPOCH", omittingEmptySubsequences: false)
                .joined(separator: epoch)
            let reply = try await fixture.client.request(
                "PUT", "/v1/consumers/mes/cursor", type.map { ["Content-Type": $0] } ?? [:],
                body: text)
            #expect(reply.status == status, "\(body): \(reply.text)")
            if status == 200 {
                let consumer = try reply.json(Reply.Consumer.self)
                #expect(consumer.moved == moved && consumer.cursor == "\(epoch).\(end)")
            } else {
                let problem = try reply.problem()
                if status == 409 { #expect(problem.resume == "\(epoch).0") }
                if status == 422 { #expect(problem.resume == "\(epoch).3") }
            }
            let after = try await fixture.client.get("/v1/consumers/mes").json(Reply.Consumer.self)
            #expect(after.cursor == "\(epoch).\(end)")
        }
    }

    @Test func `If-Match fences two workers`() async throws {
        try await Fixture.run { fixture in
            let client = fixture.client
            for _ in 0..<3 { try await fixture.seal() }
            let epoch = fixture.buffer.epoch.text
            let tag = try #require(
                try await client.request("PUT", "/v1/consumers/mes").headers["etag"])
            func acknowledge(_ sequence: Int, _ match: String) async throws -> Reply {
                try await client.request(
                    "PUT", "/v1/consumers/mes/cursor", ["If-Match": match],
                    body: "\(epoch).\(sequence)")
            }
            let first = try await acknowledge(1, tag)
            #expect(first.status == 200 && first.headers["etag"] == "\"\(epoch).1\"")
            let second = try await acknowledge(2, tag)
            #expect(second.status == 412)
            #expect(try second.problem().resume == "\(epoch).1")
            #expect(try await acknowledge(2, "W/\"\(epoch).1\"").status == 412)
            for bare in ["\(epoch).1", "\"\(epoch).1", "\"", "W/\(epoch).1", "\"x\", \(epoch).1"] {
                let refused = try await acknowledge(2, bare)
                #expect(refused.status == 400, "\(bare)")
                #expect(try refused.problem().detail?.contains("If-Match: \"\(epoch).1\"") == true)
            }
            #expect(try await acknowledge(2, "\"x\", \"\(epoch).1\"").status == 200)
            #expect(try await acknowledge(3, "*").status == 200)
        }
    }
}
