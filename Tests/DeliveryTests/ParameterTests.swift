// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Testing

@testable import Delivery

/// What a client asks wrongly is refused, by the name of what is wrong.
@Suite struct ParameterTests {
    static let wrong: [(target: String, names: String)] = [
        ("/v1/batches?after=", "after"),
        ("/v1/batches?after", "after"),
        ("/v1/batches?after=newest", "after"),
        ("/v1/batches?after=EARLIEST", "after"),
        ("/v1/batches?after=9001", "after"),
        ("/v1/batches?after=q7m2k9xd", "after"),
        ("/v1/batches?after=q7m2k9xd.", "after"),
        ("/v1/batches?after=q7m2k9xd.-1", "after"),
        ("/v1/batches?after=q7m2k9xd.01", "after"),
        ("/v1/batches?after=q7m2k9xd.1.2", "after"),
        ("/v1/batches?after=q7m2k9xd.99999999999999999999", "after"),
        ("/v1/batches?after=Q7M2K9XD.1", "after"),
        ("/v1/batches?after=q7m2k9x.1", "after"),
        ("/v1/batches?after=q7m2k9xd.1%00", "after"),
        ("/v1/batches?after=%20earliest", "after"),
        ("/v1/batches?after=earliest&after=latest", "after"),
        ("/v1/batches?limit=0", "limit"),
        ("/v1/batches?limit=1001", "limit"),
        ("/v1/batches?limit=-1", "limit"),
        ("/v1/batches?limit=+5", "limit"),
        ("/v1/batches?limit=%2B5", "limit"),
        ("/v1/batches?limit=1e2", "limit"),
        ("/v1/batches?limit=1.0", "limit"),
        ("/v1/batches?limit=010", "limit"),
        ("/v1/batches?limit=0x10", "limit"),
        ("/v1/batches?limit=", "limit"),
        ("/v1/batches?limit=ten", "limit"),
        ("/v1/batches?limit=99999999999999999999", "limit"),
        ("/v1/batches?limit=%EF%BC%95", "limit"),
        ("/v1/batches?limit=5&limit=5", "limit"),
        ("/v1/batches?Limit=5", "Limit"),
        ("/v1/batches?max_bytes=1023", "max_bytes"),
        ("/v1/batches?max_bytes=8388609", "max_bytes"),
        ("/v1/batches?max_bytes=1MiB", "max_bytes"),
        ("/v1/batches?wait=61", "wait"),
        ("/v1/batches?wait=-1", "wait"),
        ("/v1/batches?wait=0.5", "wait"),
        ("/v1/batches?wait=30s", "wait"),
        ("/v1/batches?on_gap=ignore", "on_gap"),
        ("/v1/batches?on_gap=", "on_gap"),
        ("/v1/batches?on_gap=Report", "on_gap"),
        ("/v1/batches?cursor=q7m2k9xd.1", "cursor"),
        ("/v1/batches?=5", ""),
        ("/v1/batches?limit=5&", ""),
        ("/v1/batches?&&", ""),
        ("/v1/batches?limit=%zz", "limit=%zz"),
        ("/v1/batches?limit=%2", "limit=%2"),
        ("/v1/batches?%ff=1", "%ff=1"),
        ("/v1/batches/q7m2k9xd.1?limit=1", "limit"),
        ("/v1/consumers?limit=1", "limit"),
        ("/v1/consumers/mes?start=latest", "start"),
        ("/v1/consumers/mes/batches?after=earliest", "after"),
        ("/v1/equipment?id=press-1", "id"),
        ("/v1/equipment/press-1?x", "x"),
        ("/v1/status?verbose=1", "verbose"),
        ("/livez?x=1", "x"),
        ("/readyz?x=1", "x"),
        ("/?x=1", "x"),
        ("/style.css?v=1", "v"),
    ]

    @Test func `every absurd parameter is refused by its name`() async throws {
        try await Fixture.run { fixture in
            try await fixture.seal()
            for (target, name) in Self.wrong {
                let reply = try await fixture.client.get(target)
                #expect(reply.status == 400, "\(target)")
                let problem = try reply.problem()
                #expect(problem.type == "urn:millpond:problem:bad-parameter", "\(target)")
                #expect(problem.detail?.contains("\"\(name)\"") == true, "\(target): \(problem)")
            }
        }
    }

    static let right = [
        "", "?", "?after=earliest", "?after=latest", "?limit=1", "?limit=1000", "?max_bytes=1024",
        "?max_bytes=8388608", "?wait=0", "?on_gap=report", "?on_gap=error",
        "?after=%65arliest&limit=%35",
        "?wait=0&limit=7&on_gap=report&max_bytes=2048&after=earliest",
    ]

    @Test func `every sensible parameter is taken`() async throws {
        try await Fixture.run { fixture in
            try await fixture.seal()
            for query in Self.right {
                let reply = try await fixture.client.get("/v1/batches\(query)")
                #expect(reply.status == 200, "\(query): \(reply.text)")
            }
        }
    }
}
