// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

/// Figures, not verdicts: printed, never asserted. See Tests/README.md for how to run them.
@Suite(.conserving, .serialized, .enabled(if: getenv("MILLPOND_BENCHMARKS") != nil))
struct Benchmark {
    @Test(arguments: [(2 << 30, 10), (2 << 20, 10), (2 << 30, 1)])
    func `bytes kept and written per reading`(limit: Int, seconds: Int) async throws {
        let scratch = try Scratch()
        var data = PlantData()
        let before = try Self.bytesWritten()
        let buffer = try BatchBuffer(scratch.settings(limit: limit))
        let runs = (0..<600).map { _ in Records(data.next(seconds: seconds)) }
        let start = Self.cpu(CLOCK_PROCESS_CPUTIME_ID)
        for (number, records) in runs.enumerated() {
            try await buffer.seal(records, at: .start + number * seconds)
        }
        let sealing = Self.cpu(CLOCK_PROCESS_CPUTIME_ID) - start
        let state = try await buffer.state()
        var output: [UInt8] = []
        var bytes = 0
        var position = Position.earliest
        let pulled = Self.cpu(CLOCK_PROCESS_CPUTIME_ID)
        while true {
            let page = try await buffer.read(after: position, limit: 100, maxBytes: 8 << 20)
            output.removeAll(keepingCapacity: true)
            page.appendNDJSON(to: &output)
            bytes += output.count
            position = .after(page.next)
            if !page.more { break }
        }
        let pulling = Self.cpu(CLOCK_PROCESS_CPUTIME_ID) - pulled
        await buffer.close()
        let written = try Self.bytesWritten() - before
        let readings = runs.reduce(0) { $0 + $1.count }
        print(
            """
            limit \(limit >> 20) MiB, \(runs.count) batches of \(readings / runs.count), \
            page size \(Store.pageSize), log \(Store.logTarget >> 10) KiB: \
            kept \(Self.ratio(state.bytes, state.readings)) B a reading, \
            written \(Self.ratio(written, readings)) B, all counted; \
            CPU to seal \(sealing / readings) ns; \
            pulled as NDJSON at \(bytes * 1_000 / pulling) MB/s a core
            """)
    }

    /// A usual plant, and a wide one: 200 devices of 100 signals that are read once in a batch.
    @Test(arguments: [false, true])
    func `CPU to seal a reading, and to read it`(isWide: Bool) async throws {
        var data = PlantData()
        let runs = (0..<20).map { _ in isWide ? Self.wide() : Records(data.next(seconds: 10)) }
        print(isWide ? "a wide plant:" : "a usual plant:")
        let epoch = try #require(Epoch("q7m2k9xd"))
        let head = BatchHead(
            cursor: Cursor(epoch: epoch, sequence: 1), gateway: "edge-07", site: nil,
            sealed: data.time, records: runs[0].count, clock: .synced, boot: "", sha256: "")
        var sealings: [Sealing] = []
        let count = runs.reduce(0) { $0 + $1.count }
        let seal = try Self.leastNanoseconds {
            sealings = try runs.map { try Sealing($0, head: head) }
        }
        print("seal without SQLite: \(seal / count) ns a reading")
        print(
            "payload: \(Self.ratio(sealings.reduce(0) { $0 + $1.payload.count }, count)) B a reading"
        )
        let columns = try Self.leastNanoseconds { for run in runs { _ = Columns(run) } }
        print("  of it, columns: \(columns / count) ns")
        let decode = try Self.leastNanoseconds {
            for sealing in sealings { _ = try BatchCodec.decode(sealing.payload) }
        }
        print("  of it, decode to check: \(decode / count) ns")
        for (name, append) in Self.forms {
            var output: [UInt8] = []
            let time = try Self.leastNanoseconds {
                output.removeAll(keepingCapacity: true)
                for sealing in sealings {
                    let (head, columns) = try BatchCodec.decode(sealing.payload)
                    append(Batch(head: head, columns: columns), &output)
                }
            }
            print(
                "\(name) from sealed bytes: \(output.count * 1_000 / time) MB/s a core, \(time / count) ns a reading"
            )
        }
    }

    /// A file of a gigabyte, 64 times the same batches, looked through as salvage does it.
    @Test(.conserving) func `a page scan, in megabytes a second`() async throws {
        let scratch = try Scratch()
        let buffer = try BatchBuffer(scratch.settings(limit: 64 << 20))
        var data = PlantData(devices: 100)
        while try await buffer.state().bytes < 16 << 20 {
            for _ in 0..<8 { try await buffer.seal(Records(data.next(seconds: 10)), at: data.time) }
        }
        await buffer.close()
        let copies = scratch.path + "/copies.db"
        _ = try shell(
            """
            for copy in $(seq 64); do cat '\(scratch.path)/buffer/millpond.db'; done > '\(copies)'
            """)
        let damaged = try #require(DamagedDatabase(database: copies, log: copies + "-wal"))
        let start = Self.cpu(CLOCK_MONOTONIC)
        let scan = damaged.scanned(after: 0)
        let nanoseconds = Self.cpu(CLOCK_MONOTONIC) - start
        let bytes = BufferDirectory.size(of: copies)
        print(
            "page scan: \(scan.finds.count) batches in \(bytes >> 20) MiB found at "
                + "\(bytes * 1_000 / nanoseconds) MB/s")
    }

    private static func wide() -> Records {
        let signals = (0..<20_000).map { number in
            Signal(
                equipment: "m\(number / 100)", device: "meter", signal: "s\(number % 100)",
                unit: "A", role: nil)
        }
        var records = Records(of: Roster(signals))
        for number in signals.indices {
            let time = Timestamp(milliseconds: Timestamp.start.milliseconds + Int64(number / 100))
            records.append(.good(.number(Double(number * 7_919 % 65_536))), of: number, at: time)
        }
        return records
    }

    private static let forms: [(String, @Sendable (Batch, inout [UInt8]) -> Void)] = [
        ("NDJSON", { $0.appendNDJSON(to: &$1) }), ("JSON", { $0.appendJSON(to: &$1) }),
        ("CSV", { $0.appendCSV(to: &$1) }),
    ]

    /// Thread CPU time of the best of seven.
    static func leastNanoseconds(_ body: () throws -> Void) throws -> Int {
        var least = Int.max
        for _ in 0..<7 {
            let start = cpu()
            try body()
            least = min(least, cpu() - start)
        }
        return least
    }

    static func cpu(_ clock: clockid_t = CLOCK_THREAD_CPUTIME_ID) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    static func ratio(_ bytes: Int, _ readings: Int) -> Double {
        (Double(bytes) / Double(max(readings, 1)) * 100).rounded() / 100
    }

    /// What this process has caused to be written to storage (proc(5), /proc/pid/io).
    static func bytesWritten() throws -> Int {
        let file = open("/proc/self/io", O_RDONLY)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = read(file, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("write_bytes") })
        return try #require(Int(line.split(separator: " ")[1]))
    }
}
