// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Delivery

/// Figures, not verdicts: printed, never asserted. Run them on a release build, with
/// `MILLPOND_BENCH=1 swift test -c release -Xswiftc -enable-testing --filter Benchmark`.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["MILLPOND_BENCH"] != nil))
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
}
