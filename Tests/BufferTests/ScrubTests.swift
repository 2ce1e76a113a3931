// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Synchronization
import Testing

@testable import Buffer

/// Damage is found before anybody asks for the data, made a loss once, and told.
@Suite(.conserving) struct ScrubTests {
    /// Flips some hundred bits of the file, one at a time: whatever a reader would see differently
    /// is found by one pass, and where nothing is found all reads as before.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `every flipped bit that changes what can be read is found`(seed: UInt64) async throws {
        let scratch = try Scratch()
        _ = try await SmallBuffer.fill(scratch)
        let directory = scratch.path + "/damaged"
        _ = try shell("sqlite3 '\(directory)/millpond.db' 'PRAGMA wal_checkpoint(TRUNCATE)'")
        let truth = try scratch.truth("damaged")
        let damaged = try #require(scratch.damaged("damaged"))
        let epoch = try OfflineBuffer(directory: directory).epoch
        let places = damaged.sound(damaged.scanned(after: 0), epoch).places
        let file = open(directory + "/millpond.db", O_RDWR)
        defer { close(file) }
        var random = Seeded(seed)
        var hits = 0
        for _ in 0..<120 {
            let bit = try Self.bit(in: places, &random)
            try flip(bit, of: file)
            defer { try? flip(bit, of: file) }
            let found = Set(Self.scrub(directory, epoch).map(Self.sequence))
            // Where SQLite itself stumbles, something must have been found, too.
            guard let now = try? scratch.truth("damaged") else {
                #expect(!found.isEmpty, "seed \(seed), bit \(bit)")
                continue
            }
            for (sequence, payload) in now.batches {
                let isSame = Self.lines(payload) == truth.batches[sequence].flatMap(Self.lines)
                #expect(
                    isSame || found.contains(sequence), "seed \(seed), bit \(bit) of \(sequence)")
            }
            hits += found.isEmpty ? 0 : 1
        }
        #expect(hits > 60, "hardly a bit hit anything")
    }

    /// A bit of a page that holds a batch.
    static func bit(
        in places: [Int64: Set<FilePlace>], _ random: inout Seeded
    ) throws -> Int {
        let (_, pages) = try #require(
            places.sorted { $0.key < $1.key }.randomElement(using: &random))
        let page = try #require(
            pages.sorted { $0.number < $1.number }.randomElement(using: &random))
        let size = Store.pageSize * 8
        return (page.number - 1) * size + Int.random(in: 0..<size, using: &random)
    }

    /// What a reader would be given; `nil` if it does not check.
    private static func lines(_ payload: [UInt8]) -> [UInt8]? {
        guard let (head, columns) = try? BatchCodec.decode(payload) else { return nil }
        var lines: [UInt8] = []
        Batch(head: head, columns: columns).appendNDJSON(to: &lines)
        return lines
    }

    /// -1 stands for the database.
    private static func sequence(_ finding: Scrub.Finding) -> Int64 {
        switch finding {
        case .batch(let cursor): cursor.sequence
        case .database: -1
        }
    }

    /// What one pass finds.
    static func scrub(_ directory: String, _ epoch: Epoch) -> [Scrub.Finding] {
        let found = Mutex<[Scrub.Finding]>([])
        let ledger = ScrubLedger()
        guard let reader = try? Reader(BufferDirectory(path: directory)) else {
            return [.database(epoch)]
        }
        let scrub = Scrub(reader, epoch: { epoch }, ledger: ledger) { finding in
            found.withLock { $0.append(finding) }
        }
        var random = Seeded(1)
        for _ in 0..<100 where ledger.progress.passes == 0 {
            _ = scrub.step(from: &random)
            if case .database = found.withLock({ $0.last }) { break }
            ledger.isReported = false
        }
        return found.withLock { $0 }
    }

    @Test func `a damaged batch is a loss on disk, told once, and counted`() async throws {
        let scratch = try Scratch()
        let events = Mutex<[BufferEvent]>([])
        var buffer = try BatchBuffer(scratch.settings())
        for number in 0..<6 { try await buffer.seal(30, at: .start + number) }
        let epoch = buffer.epoch
        await buffer.close()
        try scratch.spoil(3)

        buffer = try BatchBuffer(scratch.settings()) { event in
            events.withLock { $0.append(event) }
        }
        let lost = LostRange(
            from: Cursor(epoch: epoch, sequence: 3), to: Cursor(epoch: epoch, sequence: 3),
            records: 30, first: .start + 2, last: .start + 2, reason: .corruption)
        for _ in 0..<3 {
            let page = try await buffer.everything()
            #expect(page.sequences == Array(1...6))
            #expect(page.lost == [lost])
        }
        #expect(events.withLock { $0 } == [.batchDamaged(lost)])
        let state = try await buffer.state()
        #expect(state.lost == [.corruption: 30])
        #expect(state.batches == 5)
        #expect(try await buffer.seal(1, at: .start + 9).cursor.sequence == 7)
        await buffer.close()
        // It is in the file, not only in what was answered.
        let report = try OfflineBuffer(directory: scratch.path + "/buffer").verify()
        #expect(report.isSound)
        #expect(report.lost == [lost])
    }
}

extension Scratch {
    /// Damages the payload of a batch in the file of a buffer that is closed.
    func spoil(_ sequence: Int64) throws {
        let path = path + "/buffer/millpond.db"
        _ = try shell(
            """
            sqlite3 '\(path)' "UPDATE batch SET payload = CAST(substr(payload, 1, 40) || x'00ff00' \
            || substr(payload, 44) AS BLOB) WHERE seq = \(sequence)"
            """)
    }
}
