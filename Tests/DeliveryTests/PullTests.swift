// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment
import FoundationEssentials
import Testing

@testable import Delivery

/// Batches after a cursor, in every form.
@Suite struct PullTests {
    @Test func `an empty buffer answers with the place it resolved to`() async throws {
        try await Fixture.run { fixture in
            for query in ["", "?after=latest", "?after=earliest"] {
                let reply = try await fixture.client.get("/v1/batches\(query)")
                #expect(reply.status == 200)
                let page = try reply.json(Reply.Page.self)
                #expect(page.next == "\(fixture.buffer.epoch.text).0")
                #expect(page.batches.isEmpty && page.discontinuities.isEmpty && !page.more)
                #expect(reply.headers["gateway-next-cursor"] == page.next)
            }
        }
    }

    @Test func `JSON is the default, and holds whole batches in order`() async throws {
        try await Fixture.run { fixture in
            for number in 0..<3 { try await fixture.seal(4, from: number * 4) }
            let reply = try await fixture.client.get("/v1/batches?limit=2")
            #expect(reply.headers["content-type"] == "application/json")
            #expect(reply.headers["gateway-discontinuity"] == "?0")
            let page = try reply.json(Reply.Page.self)
            let epoch = fixture.buffer.epoch.text
            #expect(page.epoch == epoch)
            #expect(page.batches.map(\.cursor) == ["\(epoch).1", "\(epoch).2"])
            #expect(page.batches.map(\.records.count) == [4, 4])
            #expect(page.next == "\(epoch).2" && page.more)
            let rest = try await fixture.client.get("/v1/batches?after=\(page.next)")
                .json(Reply.Page.self)
            #expect(rest.batches.map(\.cursor) == ["\(epoch).3"])
            #expect(rest.next == "\(epoch).3" && !rest.more)
        }
    }

    @Test func `NDJSON hashes to its seal, and its end line says that it is whole`() async throws {
        try await Fixture.run { fixture in
            let head = try await fixture.seal(50)
            let reply = try await fixture.client.get(
                "/v1/batches", ["Accept": "application/x-ndjson"])
            #expect(reply.headers["content-type"] == "application/x-ndjson")
            let lines = reply.lines
            #expect(lines.count == 52)
            #expect(lines.first?.hasPrefix(#"{"type":"batch","cursor":"#) == true)
            let end = #"{"type":"end","next":"\#(head.cursor)","more":false}"#
            #expect(lines.last == end)
            let records = lines[1..<51].map { $0 + "\n" }.joined()
            let digest = try await sha256(records)
            #expect(digest == head.sha256)
            #expect(lines[0].contains(#""sha256":"\#(digest)""#))
        }
    }

    @Test func `a batch reads byte for byte the same, however it is reached`() async throws {
        try await Fixture.run { fixture in
            try await fixture.seal(20)
            let head = try await fixture.seal(20, from: 20)
            let ndjson = ["Accept": "application/x-ndjson"]
            let alone = try await fixture.client.get("/v1/batches/\(head.cursor)", ndjson)
            let again = try await fixture.client.get("/v1/batches/\(head.cursor)", ndjson)
            let run = try await fixture.client.get("/v1/batches?limit=1000", ndjson)
            #expect(alone.body == again.body)
            #expect(run.lines[21..<42].map { $0 + "\n" }.joined() == alone.text)
        }
    }

    @Test func `stock tools read every form, gzip or not`() async throws {
        try await Fixture.run { fixture in
            for number in 0..<4 { try await fixture.seal(500, from: number * 500) }
            let address = "http://127.0.0.1:\(fixture.client.port)/v1/batches?limit=1000"
            for accept in ["application/json", "application/x-ndjson", "text/csv"] {
                let header = ["-sSf", "-m", "20", "-H", "Accept: \(accept)"]
                let plain = try await Tool.run("/usr/bin/curl", header + [address])
                let gzip = try await Tool.run(
                    "/usr/bin/curl", header + ["--compressed", address])
                let raw = try await Tool.run(
                    "/usr/bin/curl", header + ["-H", "Accept-Encoding: gzip", address])
                #expect(plain == gzip, "\(accept)")
                #expect(raw.prefix(2) == Data([0x1F, 0x8B]) && raw.count < plain.count / 4)
            }
        }
    }

    @Test func `Python's gzip and csv read back what was sealed`() async throws {
        try await Fixture.run { fixture in
            try await fixture.seal(30)
            let script = """
                import csv, gzip, io, sys, urllib.request
                request = urllib.request.Request(sys.argv[1], headers={
                    "Accept": "text/csv", "Accept-Encoding": "gzip"})
                with urllib.request.urlopen(request) as answer:
                    assert answer.headers["Content-Encoding"] == "gzip"
                    text = gzip.decompress(answer.read()).decode("utf-8")
                rows = list(csv.DictReader(io.StringIO(text, newline="")))
                for row in rows:
                    print(row["signal"], repr(row["value"]), row["quality"], row["reason"],
                        row["cursor"], row["unit"], None in row)
                """
            let address = "http://127.0.0.1:\(fixture.client.port)/v1/batches"
            let output = try await Tool.run("/usr/bin/python3", ["-c", script, address])
            let rows = String(decoding: output, as: UTF8.self).split(separator: "\n")
            let epoch = fixture.buffer.epoch.text
            #expect(rows.count == 30)
            #expect(
                rows[0] == "drive/motor-temperature '' bad no-answer \(epoch).1 Cel False")
            #expect(rows[4] == "meter/voltage-l1 '1' good  \(epoch).1 V False")
            let text = #"'a "quoted", \\ and\r\n<broken> line é'"#
            #expect(rows[2] == "drive/name \(text) good  \(epoch).1  False")
        }
    }

    @Test func `no part of an answer looks like the whole`() async throws {
        try await Fixture.run { fixture in
            try await fixture.seal(20)
            let ndjson = try await fixture.client.get(
                "/v1/batches", ["Accept": "application/x-ndjson"])
            #expect(ndjson.headers["content-length"] == "\(ndjson.body.count)")
            #expect(ndjson.lines.count { $0.hasPrefix(#"{"type":"end","#) } == 1)
            for count in 0..<(ndjson.body.count - 1) {
                let part = String(decoding: ndjson.body.prefix(count), as: UTF8.self)
                let last = part.split(separator: "\n").last ?? ""
                #expect(!(last.hasPrefix(#"{"type":"end","#) && last.hasSuffix("}")))
            }
            let json = try await fixture.client.get("/v1/batches")
            for count in [0, 1, json.body.count / 2, json.body.count - 2] {
                var part = json
                part.body = Array(json.body.prefix(count))
                #expect(throws: DecodingError.self) { try part.json(Reply.Page.self) }
            }
        }
    }

    @Test func `GET changes nothing`() async throws {
        try await Fixture.run { fixture in
            for _ in 0..<3 { try await fixture.seal() }
            _ = try await fixture.client.request("PUT", "/v1/consumers/mes")
            let before = try await (fixture.buffer.state(), fixture.buffer.consumers())
            for method in ["GET", "HEAD"] {
                for target in [
                    "/", "/v1/batches", "/v1/consumers", "/v1/consumers/mes", "/v1/status",
                    "/v1/consumers/mes/batches", "/v1/consumers/new", "/v1/equipment",
                    "/v1/consumers/new/batches", "/v1/consumers/mes/cursor", "/readyz", "/livez",
                ] {
                    _ = try await fixture.client.request(method, target, body: "{}")
                }
            }
            var after = try await (fixture.buffer.state(), fixture.buffer.consumers())
            // The scrub goes on by itself.
            after.0.scrub = before.0.scrub
            #expect(before.0 == after.0 && before.1 == after.1)
        }
    }

    @Test func `a client that does not read holds nobody up`() async throws {
        try await Fixture.run { fixture in
            for number in 0..<6 { try await fixture.seal(5_000, from: number * 5_000) }
            try await fixture.client.connect { connection in
                let target = "/v1/batches?limit=1000&max_bytes=8388608"
                try await connection.send(RawClient.head("GET", target, [:], nil))
                for _ in 0..<5 {
                    let reply = try await fixture.client.get("/v1/batches?limit=1")
                    #expect(reply.status == 200 && reply.body.count > 500_000)
                }
            }
        }
    }

    @Test func `max_bytes bounds an answer, but one batch always comes`() async throws {
        try await Fixture.run { fixture in
            for number in 0..<5 { try await fixture.seal(100, from: number * 100) }
            let page = try await fixture.client.get("/v1/batches?max_bytes=1024")
                .json(Reply.Page.self)
            #expect(page.batches.count == 1 && page.more)
        }
    }

    @Test func `what cannot be given is 406`() async throws {
        try await Fixture.run { fixture in
            for accept in ["application/xml", "text/html", "application/json;q=0", "*/*;q=0"] {
                let reply = try await fixture.client.get("/v1/batches", ["Accept": accept])
                #expect(reply.status == 406, "\(accept)")
                _ = try reply.problem()
            }
        }
    }

    @Test func `a cursor beyond the newest is 400, and the newest is named`() async throws {
        try await Fixture.run { fixture in
            try await fixture.seal()
            let epoch = fixture.buffer.epoch.text
            let beyond = try await fixture.client.get("/v1/batches?after=\(epoch).2")
            #expect(beyond.status == 400)
            #expect(try beyond.problem().resume == "\(epoch).1")
        }
    }

    @Test func `HEAD has the headers of GET and no body`() async throws {
        try await Fixture.run { fixture in
            let head = try await fixture.seal()
            for target in [
                "/v1/batches", "/v1/batches/\(head.cursor)", "/", "/v1/status", "/nothing",
            ] {
                let get = try await fixture.client.get(target)
                let head = try await fixture.client.request("HEAD", target)
                #expect(head.status == get.status && head.body.isEmpty, "\(target)")
                for name in ["content-type", "content-length", "gateway-next-cursor", "etag"]
                where target != "/" && target != "/v1/status" {
                    #expect(head.headers[name] == get.headers[name], "\(target) \(name)")
                }
            }
        }
    }

    private func sha256(_ text: String) async throws -> String {
        let script = "import hashlib,sys; print(hashlib.sha256(sys.argv[1].encode()).hexdigest())"
        let output = try await Tool.run("/usr/bin/python3", ["-c", script, text])
        return String(decoding: output.prefix(64), as: UTF8.self)
    }
}
