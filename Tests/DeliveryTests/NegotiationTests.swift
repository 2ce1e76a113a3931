// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Delivery

/// Which form a client gets for what it says it takes.
@Suite struct NegotiationTests {
    @Test(
        arguments: [
            (nil, "json"), ("", "json"), ("*/*", "json"), ("application/*", "json"),
            ("application/json", "json"), ("APPLICATION/JSON", "json"),
            ("application/x-ndjson", "ndjson"), ("text/csv", "csv"), ("text/*", "csv"),
            ("application/json, application/x-ndjson", "json"),
            ("application/json;q=0.5, application/x-ndjson", "ndjson"),
            ("application/json ; q=0.5 , text/csv ; q=0.6", "csv"),
            ("*/*;q=0.1, text/csv", "csv"), ("*/*, application/json;q=0", "ndjson"),
            ("text/csv;header=present", "csv"), ("text/csv; charset=utf-8; q=1.000", "csv"),
            ("text/html, */*;q=0.8", "json"), ("application/xml", nil), ("text/html", nil),
            ("application/json;q=0", nil), ("*/*;q=0", nil), ("application/json;q=0.000", nil),
            ("application/json;q=2", nil), ("application/json;q=nan", nil),
            ("application/json;q=-1", nil), ("application/json;q=0.00001", nil), (",,;,;q=1", nil),
        ] as [(String?, String?)]) func `a form is chosen by Accept`(accept: String?, form: String?)
    {
        #expect(Format(accept: accept)?.rawValue == form)
    }

    @Test(
        arguments: [
            (nil, "identity"), ("", "identity"), ("gzip", "gzip"), ("GZIP", "gzip"),
            ("x-gzip", "gzip"), ("*", "gzip"), ("br", "identity"),
            ("gzip, deflate, br, zstd", "gzip"),
            ("gzip;q=0", "identity"), ("*;q=0", "identity"), ("gzip;q=0, *", "identity"),
            ("identity, gzip", "gzip"), ("identity;q=1, gzip;q=0.5", "identity"),
            ("identity;q=0, gzip;q=0.1", "gzip"), ("gzip;q=bad", "identity"),
        ] as [(String?, String)]) func `a coding is chosen by Accept-Encoding`(
            accept: String?, coding: String
        )
    {
        #expect(ContentCoding(acceptEncoding: accept).rawValue == coding)
    }

    @Test(
        arguments: [
            ("/", Route.statusPage), ("/livez", .alive), ("/v1/batches", .batches),
            ("/v1/batches/q7m2k9xd.1", .batch("q7m2k9xd.1")), ("/v1/%62atches", .batches),
            ("/v1/consumers/m%65s/cursor", .consumerCursor("mes")),
            ("/v1/equipment/a%2Fb", .equipment("a/b")),
            ("", nil), ("livez", nil), ("//", nil), ("/v1", nil), ("/v1/", nil), ("/v1/%c3", nil),
            ("/v1/%", nil), ("/livez/", nil),
        ] as [(String, Route?)]) func `a path names a route or nothing`(path: String, route: Route?)
    {
        #expect(Route(path: path) == route)
    }

    @Test(arguments: [0, 1, 1_000, 131_071, 131_072, 131_073, 1_000_000])
    func `gzip is one member that holds all`(count: Int) async throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 7) }
        let directory = try Fixture.temporaryDirectory()
        defer { Fixture.remove(directory) }
        try Data(await Gzip.compress(bytes)).write(to: URL(filePath: directory + "/gzip"))
        try Data(bytes).write(to: URL(filePath: directory + "/plain"))
        let script = """
            import sys, zlib
            member = zlib.decompressobj(31)
            plain = member.decompress(open(sys.argv[1] + "/gzip", "rb").read())
            whole = member.eof and not member.unused_data
            print(whole and plain == open(sys.argv[1] + "/plain", "rb").read())
            """
        let output = try await Tool.run("/usr/bin/python3", ["-c", script, directory])
        #expect(String(decoding: output, as: UTF8.self) == "True\n")
    }
}
