// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

/// What a reading costs on its way to the disk and back, beside the least that C can do with
/// narrow rows on SQLite (`Tests/EndToEnd/rows.c`), in one run and with the same readings.
///
/// `MILLPOND_ROWS` is that program. `MILLPOND_PAGE_SIZES=1` adds a table of page sizes.
extension Benchmark {
    /// As the buffer is used: 500 signals a second sealed every 10 s, and forty times as many.
    @Test(arguments: [5_000, 20_000])
    func `readings sealed, every one on disk, beside rows in C`(each: Int) async throws {
        var data = PlantData()
        let batches = (0..<2_000_000 / each).map { _ in data.next(seconds: each / 500) }
        let count = batches.reduce(0) { $0 + $1.count }
        let buffer = try await Self.sealed(batches.map { Records($0) }, pageSize: Store.pageSize)
        let rows = try Self.rows(batches)
        print("batches of \(each) readings:")
        print("  sealed: \(buffer.text(count))")
        guard let rows else { return print("  (no program of rows in C: MILLPOND_ROWS)") }
        print("  rows:   \(rows.text(count))")
        print(
            """
              rows over sealed: wall \(Self.ratio(rows.wall, buffer.wall)), \
            CPU \(Self.ratio(rows.cpu, buffer.cpu)), kept \(Self.ratio(rows.kept, buffer.kept)), \
            written \(Self.ratio(rows.written, buffer.written))
            """)
    }

    @Test(.enabled(if: getenv("MILLPOND_PAGE_SIZES") != nil), arguments: [5_000, 20_000])
    func `page sizes`(each: Int) async throws {
        var data = PlantData()
        let batches = (0..<2_000_000 / each).map { _ in Records(data.next(seconds: each / 500)) }
        let count = batches.reduce(0) { $0 + $1.count }
        for size in [512, 1_024, 2_048, 4_096] {
            let cost = try await Self.sealed(batches, pageSize: size)
            print("pages of \(size), batches of \(each): \(cost.text(count))")
        }
    }

    /// The steps of a seal one by one, and the way back, each on its own thread's clock.
    @Test func `the steps of a seal`() throws {
        var data = PlantData()
        let runs = (0..<20).map { _ in Records(data.next(seconds: 40)) }
        let count = runs.reduce(0) { $0 + $1.count }
        let epoch = try #require(Epoch("q7m2k9xd"))
        let head = BatchHead(
            cursor: Cursor(epoch: epoch, sequence: 1), gateway: "edge-07", site: nil,
            sealed: data.time, records: runs[0].count, clock: .synced, boot: "",
            sha256: String(repeating: "0", count: 64))
        let digest = [UInt8](repeating: 0, count: 32)
        var payloads: [[UInt8]] = []
        let encoding = try Self.leastNanoseconds {
            payloads = try runs.map {
                try #require(BatchCodec.encode(head, digest: digest, Columns($0)))
            }
        }
        let columns = runs.map { Columns($0) }
        let hashing = try Self.leastNanoseconds {
            for one in columns { _ = RecordLines(one, end: UInt8(ascii: "\n")).digest() }
        }
        var output: [UInt8] = []
        let unsealing = try Self.leastNanoseconds {
            output.removeAll(keepingCapacity: true)
            for payload in payloads {
                let (head, columns) = try BatchCodec.decode(payload)
                Batch(head: head, columns: columns).appendNDJSON(to: &output)
            }
        }
        print(
            """
            of a reading: encode and compress \(encoding / count) ns, its line rendered and hashed \
            \(hashing / count) ns; unsealed to NDJSON at \(output.count * 1_000 / unsealing) MB/s, \
            \(unsealing / count) ns
            """)
    }
}

extension Benchmark {
    /// What a run has cost: nanoseconds, and bytes.
    fileprivate struct Cost {
        var wall: Int
        var cpu: Int
        var kept: Int
        var written: Int

        func text(_ readings: Int) -> String {
            """
            \(readings * 1_000 / (wall / 1_000_000)) readings/s, \(cpu / readings) ns of CPU, \
            kept \(Benchmark.ratio(kept, readings)) B, written \
            \(Benchmark.ratio(written, readings)) B a reading
            """
        }
    }

    /// Seals all of it in a new buffer of that page size, one after the other.
    fileprivate static func sealed(_ batches: [Records], pageSize: Int) async throws -> Cost {
        let scratch = try Scratch()
        let settings = scratch.settings(limit: 2 << 30)
        // A database that is there keeps its page size.
        let directory = BufferDirectory(path: settings.directory)
        try directory.create()
        let epoch = try #require(Epoch("q7m2k9xd"))
        try Schema.found(directory, with: Schema.Founding(epoch: epoch, pageSize: pageSize))
        let before = try bytesWritten()
        let buffer = try BatchBuffer(settings)
        let (began, worked) = (cpu(CLOCK_MONOTONIC), cpu(CLOCK_PROCESS_CPUTIME_ID))
        for (number, records) in batches.enumerated() {
            try await buffer.seal(records, at: .start + number * 10)
        }
        let wall = cpu(CLOCK_MONOTONIC) - began
        let work = cpu(CLOCK_PROCESS_CPUTIME_ID) - worked
        let kept = try await buffer.state().bytes
        await buffer.close()
        return Cost(wall: wall, cpu: work, kept: kept, written: try bytesWritten() - before)
    }

    /// The same readings as rows, in transactions as large; `nil` without the program.
    fileprivate static func rows(_ batches: [[Record]]) throws -> Cost? {
        guard let program = getenv("MILLPOND_ROWS").map({ String(cString: $0) }) else { return nil }
        let scratch = try Scratch()
        var bytes: [UInt8] = []
        var numbers: [String: Int32] = [:]
        func append(_ value: some Any) { withUnsafeBytes(of: value) { bytes += $0 } }
        for case .reading(let reading) in batches.joined() {
            let name = "\(reading.signal.equipment)/\(reading.signal.name)"
            let number = numbers[name, default: Int32(numbers.count)]
            numbers[name] = number
            append(reading.time.milliseconds)
            append(number)
            append(Int32(0))
            append(reading.content.value?.number ?? 0)
        }
        try write(bytes, to: scratch.path + "/readings")
        let told = try shell(
            "'\(program)' '\(scratch.path)/readings' '\(scratch.path)/rows.db' \(batches[0].count)")
        let numbersTold = told.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        try #require(numbersTold.count == 4, "\(told)")
        return Cost(
            wall: numbersTold[0], cpu: numbersTold[1], kept: numbersTold[2],
            written: numbersTold[3])
    }
}
