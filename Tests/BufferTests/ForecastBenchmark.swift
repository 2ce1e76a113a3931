// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

/// Where the numbers of `check`'s forecast come from: printed, never asserted.
@Suite(.serialized, .enabled(if: getenv("MILLPOND_BENCHMARKS") != nil))
struct ForecastBenchmark {
    /// Devices of twenty signals that are read each second, by how often is sealed.
    @Test(arguments: [1, 5, 25, 100], [1, 10, 60])
    func `bytes kept of a batch`(devices: Int, seconds: Int) throws {
        guard devices * seconds <= 1_500 else { return }
        var data = PlantData(devices: devices)
        let epoch = try #require(Epoch("q7m2k9xd"))
        var payload = 0
        let batches = 5
        for _ in 0..<batches {
            let records = Records(data.next(seconds: seconds))
            let head = BatchHead(
                cursor: Cursor(epoch: epoch, sequence: 1), gateway: "edge-07", site: "suzhou-2",
                sealed: data.time, records: records.count, clock: .synced,
                boot: "5f0c1a52-7d1e-4a8f-9a53-0a7e2d1c9b64", sha256: "")
            payload += try Sealing(records, head: head).payload.count
        }
        let readings = devices * PlantData.signalsPerDevice * seconds
        let kept = Pace.kept(payload, batches: batches, pageSize: Store.pageSize) / Double(batches)
        print(
            "\(devices * PlantData.signalsPerDevice) signals, \(readings) readings a batch: "
                + "\(Int(kept)) bytes, \(kept / Double(readings)) a reading")
    }

    /// What a run costs the writer's thread, and what a summary takes.
    @Test func `condensing a run`() throws {
        var data = PlantData()
        let epoch = try #require(Epoch("q7m2k9xd"))
        let sealings = try (1...50 as ClosedRange<Int64>).map { number in
            let records = Records(data.next(seconds: 10))
            return try Sealing(
                records,
                head: BatchHead(
                    cursor: Cursor(epoch: epoch, sequence: number), gateway: "edge-07", site: nil,
                    sealed: data.time, records: records.count, clock: .synced, boot: "",
                    sha256: ""))
        }
        var least = Int.max
        var sealed: Sealing?
        for _ in 0..<7 {
            let start = Self.cpu()
            var condensing = Condensing(.thin)
            for sealing in sealings {
                let (head, columns) = try BatchCodec.decode(sealing.payload)
                condensing.take(
                    Stream.Row(sealing), Batch(head: head, columns: columns))
            }
            var head = sealings[49].head
            head.condensed = 1...50
            let records = condensing.records
            head.records = records.count
            sealed = try Sealing(records, head: head)
            least = min(least, Self.cpu() - start)
        }
        let readings = sealings.reduce(0) { $0 + $1.facts.readings }
        let raw = sealings.reduce(0) { $0 + $1.payload.count }
        let result = try #require(sealed)
        print(
            """
            \(readings) readings in 50 batches: \(least / 1_000_000) ms, \(least / readings) ns a \
            reading; \(raw) bytes became \(result.payload.count): \(result.head.records) records, \
            \(result.head.records - result.produced) of them summaries
            """)
    }

    private static func cpu() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

extension Stream.Row {
    /// The row of a batch that is not stored.
    fileprivate init(_ sealing: Sealing) {
        self.init(
            sequence: sealing.head.cursor.sequence, sealed: sealing.head.sealed,
            first: sealing.facts.first, last: sealing.facts.last, records: sealing.produced,
            readings: sealing.facts.readings, lines: sealing.lines, totalRecords: 0,
            totalReadings: 0,
            totalBytes: 0, bytes: sealing.payload.count, transitions: sealing.facts.transitions)
    }
}
