// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

/// Batches found in the pages of a database, whatever its bytes.
@Suite(.conserving) struct PageScanTests {
    /// A ring at its limit, with losses, a consumer and batches from 1 record to thousands; the log
    /// holds the newest.
    private static func fill(_ scratch: Scratch, limit: Int = 64 << 20) async throws -> Epoch {
        let buffer = try BatchBuffer(scratch.settings(limit: limit, keep: .zero))
        try await buffer.register("mes", start: .earliest)
        var data = PlantData(devices: 1)
        var source = AnyRecords(seed: 5)
        for number in 0..<60 {
            let records = number % 3 == 0 ? source.next() : data.next(seconds: number % 10 * 4 + 1)
            let loss = Loss(records: 7, first: .start, last: .start, reason: .notStored)
            let head = try await buffer.seal(
                Records(records), at: .start + number * 10,
                losses: number % 20 == 9 ? [loss] : [])
            if number == 30 { try await buffer.acknowledge(head.cursor, for: "mes", ifMatch: nil) }
        }
        try scratch.copyBuffer(to: "damaged")
        let epoch = buffer.epoch
        await buffer.close()
        return epoch
    }

    @Test func `every batch is found, and where consumers and losses are`() async throws {
        let scratch = try Scratch()
        let epoch = try await Self.fill(scratch)
        let truth = try scratch.truth("damaged")
        try #require(truth.batches.count > 20)
        try #require(truth.lost.contains { $0.reason == .acknowledged })

        let damaged = try #require(scratch.damaged("damaged"))
        let scan = damaged.scanned(after: 0)
        #expect(scan.epoch == epoch)
        #expect(scan.consumers == ["mes": 33])
        for sequence in 1...63 as ClosedRange<Int64> {
            let isLost = truth.lost.contains { ($0.from...$0.to).contains(sequence) }
            #expect(scan.isLost(sequence) == isLost, "\(sequence)")
        }
        #expect(damaged.sound(scan, epoch).batches == truth.batches)
    }

    @Test func `it needs neither header nor inner pages nor the log's header`() async throws {
        let scratch = try Scratch()
        let epoch = try await Self.fill(scratch)
        let truth = try scratch.truth("damaged")
        let file = open(scratch.path + "/damaged/millpond.db", O_RDWR)
        defer { close(file) }
        for page in 0..<lseek(file, 0, SEEK_END) / Store.pageSize {
            var kind: UInt8 = 0
            try #require(pread(file, &kind, 1, off_t(page * Store.pageSize)) == 1)
            guard page == 0 || kind == 5 else { continue }
            let zeros = [UInt8](repeating: 0, count: Store.pageSize)
            try #require(pwrite(file, zeros, zeros.count, off_t(page * Store.pageSize)) > 0)
        }
        let damaged = try #require(scratch.damaged("damaged"))
        #expect(damaged.sound(damaged.scanned(after: 0), epoch).batches == truth.batches)
    }

    @Test func `with little room the oldest come first, and nothing is missed`() async throws {
        let scratch = try Scratch()
        let epoch = try await Self.fill(scratch)
        let damaged = try #require(scratch.damaged("damaged"))
        let all = damaged.sound(damaged.scanned(after: 0), epoch).batches
        var found: [Int64: [UInt8]] = [:]
        var after: Int64 = 0
        while after < .max {
            let scan = damaged.scanned(after: after, room: 8)
            found.merge(damaged.sound(scan, epoch).batches) { old, _ in old }
            try #require(scan.bound > after)
            after = scan.bound
        }
        #expect(found == all)
    }

    @Test func `a log with a flipped bit still gives all that it held but one page's`() async throws
    {
        let scratch = try Scratch()
        let epoch = try await Self.fill(scratch)
        let truth = try scratch.truth("damaged")
        let path = scratch.path + "/damaged/millpond.db-wal"
        let size = BufferDirectory.size(of: path)
        try #require(size > 50_000)
        let file = open(path, O_RDWR)
        defer { close(file) }
        for place in stride(from: 32, to: size, by: size / 11) {
            try flip(place * 8 + place % 8, of: file)
            defer { try? flip(place * 8 + place % 8, of: file) }
            let damaged = try #require(scratch.damaged("damaged"))
            let sound = damaged.sound(damaged.scanned(after: 0), epoch).batches
            #expect(sound.count >= truth.batches.count - 1, "byte \(place)")
            for (sequence, bytes) in sound { #expect(truth.batches[sequence] == bytes) }
        }
    }

    /// Sound by every checksum of its frame, and not what was sealed.
    @Test func `a forged batch is not believed`() async throws {
        let scratch = try Scratch()
        let epoch = try await SmallBuffer.fill(scratch)
        let path = scratch.path + "/damaged/millpond.db"
        let forged: [UInt8]
        do {
            let payload = try #require(try scratch.truth("damaged").batches[3])
            var (head, columns) = try BatchCodec.decode(payload)
            let digest = RecordLines(columns, end: UInt8(ascii: "\n")).digest().digest
            columns.cells[0] += 1
            head.records = columns.recordCount
            forged = try #require(BatchCodec.encode(head, digest: digest, columns))
        }
        _ = try shell(
            "sqlite3 '\(path)' \"UPDATE batch SET payload = x'\(Digest.hex(forged))' WHERE seq = 3\""
        )
        let damaged = try #require(scratch.damaged("damaged"))
        let found = damaged.sound(damaged.scanned(after: 0), epoch).batches
        #expect(found[3] == nil)
        #expect(found.count == 7)
    }

    /// Runs of random bytes, single bits, zeroes and bytes from elsewhere, in either file. What a
    /// mutation does not touch must be found, and nothing else than what was sealed.
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `no bytes trap, and no damaged batch is ever returned`(seed: UInt64) async throws {
        let scratch = try Scratch()
        let epoch = try await SmallBuffer.fill(scratch)
        let truth = try scratch.truth("damaged")
        let pristine = try #require(scratch.damaged("damaged"))
        let places = pristine.sound(pristine.scanned(after: 0), epoch).places
        #expect(places.count == truth.batches.count)
        let names = ["millpond.db", "millpond.db-wal"]
        let files = names.map { open(scratch.path + "/damaged/\($0)", O_RDWR) }
        defer { for file in files { close(file) } }
        var random = Seeded(seed)
        var missed = 0
        for round in 0..<250 {
            let mutations = try (0..<Int.random(in: 1...16, using: &random)).map { _ in
                try Mutation(files, &random)
            }
            let damaged = try #require(scratch.damaged("damaged"))
            let sound = damaged.sound(damaged.scanned(after: 0, room: 256), epoch).batches
            for (sequence, bytes) in sound {
                #expect(truth.batches[sequence] == bytes, "seed \(seed), round \(round)")
            }
            let touched = Set(mutations.flatMap { $0.places(pristine.frames.frames) })
            for (sequence, pages) in places where touched.isDisjoint(with: pages) {
                #expect(sound[sequence] != nil, "seed \(seed), round \(round), \(sequence)")
            }
            missed += truth.batches.count - sound.count
            for mutation in mutations.reversed() { try mutation.undo(files) }
        }
        #expect(missed > 250, "the mutations hit nothing")
    }
}

/// A small buffer, so that mutations hit something.
enum SmallBuffer {
    static func fill(_ scratch: Scratch) async throws -> Epoch {
        let buffer = try BatchBuffer(scratch.settings())
        try await buffer.register("mes", start: .earliest)
        var source = AnyRecords(seed: 11)
        for number in 0..<12 {
            try await buffer.seal(
                source.next(upTo: 12), at: .start + number)
            if number == 3 {
                // All so far goes into the file, what follows stays in the log.
                await buffer.close()
                return try await more(scratch, &source)
            }
        }
        return buffer.epoch
    }

    private static func more(_ scratch: Scratch, _ source: inout AnyRecords) async throws -> Epoch {
        let buffer = try BatchBuffer(scratch.settings())
        for number in 4..<8 {
            try await buffer.seal(
                source.next(upTo: 40), at: .start + number)
        }
        try scratch.copyBuffer(to: "damaged")
        let epoch = buffer.epoch
        await buffer.close()
        return epoch
    }
}

/// Bytes of one of two files that were changed, and how they were.
private struct Mutation {
    let file: Int
    let offset: Int
    let before: [UInt8]

    init(_ files: [Int32], _ random: inout Seeded) throws {
        file = Int.random(in: 0..<files.count, using: &random)
        let size = Int(lseek(files[file], 0, SEEK_END))
        // The log's head and each frame's matter more than their size says.
        let offset =
            Int.random(in: 0..<8, using: &random) == 0
            ? Int.random(in: 0..<200, using: &random) : Int.random(in: 0..<size, using: &random)
        let count = min([1, 2, 4, 40, 600][Int.random(in: 0..<5, using: &random)], size - offset)
        var before = [UInt8](repeating: 0, count: count)
        try #require(pread(files[file], &before, count, off_t(offset)) == count)
        var after = before
        switch Int.random(in: 0..<4, using: &random) {
        case 0: after[0] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: after = after.map { _ in UInt8.random(in: 0...255, using: &random) }
        case 2: after = after.map { _ in 0 }
        default: after = after.map { _ in 0xFF }
        }
        try #require(pwrite(files[file], after, count, off_t(offset)) == count)
        self.offset = offset
        self.before = before
    }

    func undo(_ files: [Int32]) throws {
        try #require(pwrite(files[file], before, before.count, off_t(offset)) == before.count)
    }

    /// The places that it touched. What a frame's head says holds for its whole transaction, and
    /// the log's head and its first frame's for the whole log.
    func places(_ log: [LogFrames.Frame]) -> [FilePlace] {
        let isLog = file == 1
        let piece = FilePlace.pieces(isLog: isLog)
        var numbers = piece(offset)...piece(offset + before.count - 1)
        if isLog {
            for number in numbers where log.indices.contains(number) {
                guard
                    (offset..<offset + before.count).overlaps(
                        log[number].offset - 24..<log[number].offset)
                else { continue }
                let first = log[..<number].lastIndex { $0.isCommit }.map { $0 + 1 } ?? 0
                let last = log[number...].firstIndex { $0.isCommit } ?? number
                numbers = min(first, numbers.lowerBound)...max(last, numbers.upperBound)
            }
            if offset < 56 { numbers = 0...log.count }
        }
        return numbers.map { FilePlace(isLog: isLog, number: $0) }
    }
}
