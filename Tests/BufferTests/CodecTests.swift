// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

struct CodecTests {
    /// Each of its optional parts is there or not, by `parts`.
    private static func head(
        _ columns: Columns, parts: UInt64 = 7
    ) throws -> (BatchHead, [UInt8]) {
        let (digest, _) = RecordLines(columns, end: UInt8(ascii: "\n")).digest()
        let epoch = try #require(Epoch("q7m2k9xd"))
        var head = BatchHead(
            cursor: Cursor(epoch: epoch, sequence: 9_001), gateway: "edge-07", site: nil,
            sealed: .start, records: columns.recordCount, clock: .stepped, boot: "5f0c",
            sha256: Digest.hex(digest))
        if parts & 1 != 0 {
            head.monotonic = Uptime(milliseconds: 7_012_000)...Uptime(milliseconds: 7_022_001)
        }
        if parts & 2 != 0 { head.condensed = 17...216 }
        if parts & 4 != 0 {
            head.salvaged = Cursor(epoch: try #require(Epoch("n1c40zzb")), sequence: 41)
        }
        return (head, digest)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `a batch reads back byte for byte`(seed: UInt64) throws {
        var source = AnyRecords(seed: seed)
        let records = source.next()
        let columns = Columns(Records(records))
        let (head, digest) = try Self.head(columns, parts: seed)
        let payload = try #require(BatchCodec.encode(head, digest: digest, columns))
        let (readHead, readColumns) = try BatchCodec.decode(payload)
        #expect(readHead == head)
        #expect(readColumns == columns)

        let batch = Batch(head: readHead, columns: readColumns)
        #expect(batch.records.map(plainLine) == records.map(plainLine))
        var lines: [UInt8] = []
        RecordLines(readColumns, end: UInt8(ascii: "\n")).append(to: &lines)
        #expect(
            String(decoding: lines, as: UTF8.self) == records.map { plainLine($0) + "\n" }.joined())
    }

    /// It would cost memory, and count for nothing.
    @Test func `a run of no readings is refused`() throws {
        var columns = Columns(Records([reading(1)]))
        let shape = columns.shapes.append([])
        columns.runs.append(Columns.Run(shape: shape, time: columns.runs[0].time))
        let (head, digest) = try Self.head(columns)
        let payload = try #require(BatchCodec.encode(head, digest: digest, columns))
        #expect(throws: Damage.content) { try BatchCodec.decode(payload) }
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `no bytes make the decoder trap`(seed: UInt64) throws {
        var random = Seeded(seed)
        var source = AnyRecords(seed: seed)
        let columns = Columns(Records(source.next(upTo: 60)))
        let (head, digest) = try Self.head(columns)
        let payload = try #require(BatchCodec.encode(head, digest: digest, columns))
        let content = try #require(
            Compression.decompressed(payload, maxSize: BatchCodec.maxContent))
        var refused = 0
        for round in 0..<1_000 {
            var damaged = content
            for _ in 0...(round % 4) {
                let place = Int.random(in: 0..<damaged.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: damaged[place] = UInt8.random(in: 0...255, using: &random)
                case 1: damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: damaged.removeSubrange(place...)
                default: damaged.insert(UInt8.random(in: 0...255, using: &random), at: place)
                }
                if damaged.isEmpty { break }
            }
            // What decodes must also be writable; a plausible lie is the checksum's to find.
            if let (head, columns) = try? BatchCodec.decode(content: damaged) {
                var lines: [UInt8] = []
                Batch(head: head, columns: columns).appendNDJSON(to: &lines)
                Batch(head: head, columns: columns).appendCSV(to: &lines)
            } else {
                refused += 1
            }
        }
        #expect(refused > 0)
    }
}
