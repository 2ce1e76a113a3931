// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment
import Foundation
import Testing

@testable import Delivery

/// Figures, not verdicts: printed, never asserted. Run them on a release build, with
/// `MILLPOND_BENCHMARKS=1 swift test -c release -Xswiftc -enable-testing --filter Benchmark`.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["MILLPOND_BENCHMARKS"] != nil))
struct Benchmark {
    /// What a platform sees that catches up with curl: everything in answers of 8 MiB.
    @Test(
        arguments: ["application/x-ndjson", "application/json", "text/csv"], ["identity", "gzip"])
    func `megabytes a second through HTTP`(accept: String, coding: String) async throws {
        try await Fixture.run(limit: 256 << 20) { fixture in
            let batches = 100
            for number in 0..<batches { try await fixture.seal(5_000, from: number * 5_000) }
            let clock = ContinuousClock()
            var best = Duration.seconds(1_000)
            var bytes = 0
            for _ in 0..<5 {
                var cursor = "earliest"
                var total = 0
                let spent = try await clock.measure {
                    while true {
                        let reply = try await fixture.client.get(
                            "/v1/batches?after=\(cursor)&limit=1000&max_bytes=8388608",
                            ["Accept": accept, "Accept-Encoding": coding])
                        guard let next = reply.headers["gateway-next-cursor"], next != cursor
                        else { break }
                        cursor = next
                        total += reply.body.count
                    }
                }
                best = min(best, spent)
                bytes = total
            }
            let readings = batches * 5_000
            print(
                """
                \(accept), \(coding): \(bytes >> 20) MiB, \
                \(Int(Double(bytes) / 1e6 / best.seconds)) MB/s, \
                \(Int(best.seconds * 1e9 / Double(readings))) ns a reading, client included
                """)
        }
    }

    /// Where the time goes before the first byte leaves.
    @Test func `a page of 8 MiB, step by step`() async throws {
        try await Fixture.run(limit: 256 << 20) { fixture in
            for number in 0..<20 { try await fixture.seal(5_000, from: number * 5_000) }
            let clock = ContinuousClock()
            for _ in 0..<3 {
                var begin = clock.now
                let page = try await fixture.buffer.read(
                    after: .earliest, limit: 1_000, maxBytes: 8 << 20)
                let read = clock.now - begin
                for format in Format.allCases {
                    begin = clock.now
                    let text = format.text(of: page)
                    let written = clock.now - begin
                    begin = clock.now
                    _ = await Gzip.compress(text)
                    let compressed = clock.now - begin
                    print(
                        """
                        \(format.rawValue), \(text.count >> 10) KiB: \
                        read \(read.milliseconds) ms, written \(written.milliseconds) ms \
                        (\(Int(Double(text.count) / 1e6 / written.seconds)) MB/s), \
                        compressed \(compressed.milliseconds) ms
                        """)
                }
            }
        }
    }
}
