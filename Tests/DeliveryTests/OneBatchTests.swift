// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Testing

@testable import Delivery

/// One sealed batch by its cursor: immutable, and cached as such.
@Suite struct OneBatchTests {
    @Test func `each representation has a strong tag of its own`() async throws {
        try await Fixture.run { fixture in
            let head = try await fixture.seal()
            var tags: Set<String> = []
            for accept in ["application/json", "application/x-ndjson", "text/csv"] {
                for coding in ["identity", "gzip"] {
                    let reply = try await fixture.client.get(
                        "/v1/batches/\(head.cursor)",
                        ["Accept": accept, "Accept-Encoding": coding])
                    #expect(reply.status == 200)
                    #expect(reply.headers["cache-control"]?.contains("immutable") == true)
                    #expect(reply.headers["cache-control"]?.contains("private") == true)
                    #expect(reply.headers["vary"] == "Accept, Accept-Encoding")
                    let tag = try #require(reply.headers["etag"])
                    #expect(tag.hasPrefix("\"\(head.sha256)-"))
                    tags.insert(tag)
                }
            }
            #expect(tags.count == 6)
        }
    }

    @Test func `a known tag is answered 304 without a body`() async throws {
        try await Fixture.run { fixture in
            let head = try await fixture.seal()
            let target = "/v1/batches/\(head.cursor)"
            let tag = try #require(try await fixture.client.get(target).headers["etag"])
            for list in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
                let reply = try await fixture.client.get(target, ["If-None-Match": list])
                #expect(reply.status == 304, "\(list)")
                #expect(reply.body.isEmpty && reply.headers["etag"] == tag)
                #expect(reply.headers["content-length"] == nil)
            }
            for list in ["\"other\"", "\"\(head.sha256)\""] {
                let reply = try await fixture.client.get(target, ["If-None-Match": list])
                #expect(reply.status == 200, "\(list)")
            }
        }
    }

    @Test func `the JSON form is the batch with its records`() async throws {
        try await Fixture.run { fixture in
            let head = try await fixture.seal(7)
            let batch = try await fixture.client.get("/v1/batches/\(head.cursor)")
                .json(Reply.Batch.self)
            #expect(batch.type == "batch" && batch.cursor == head.cursor.description)
            #expect(batch.sha256 == head.sha256 && batch.records.count == 7)
            #expect(batch.records[0].quality == "bad" && batch.records[0].reason == "no-answer")
        }
    }
}
