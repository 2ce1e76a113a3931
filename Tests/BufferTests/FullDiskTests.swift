// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

/// File systems that are really full: no fake knows what they do.
@Suite(
    .conserving, .serialized,
    .enabled(if: SmallDisk.isPermitted, "mounting a file system of 24 MB is not permitted here"))
struct FullDiskTests {
    /// Text of which three quarters are left when it is compressed.
    private static let noise: [UInt8] = {
        var random = Seeded(1)
        return (0..<500_000).flatMap { _ in
            withUnsafeBytes(of: random.next()) { $0.map { 48 + $0 & 63 } }
        }
    }()

    /// Batches of four records of hardly compressible text, about 16 KB stored.
    private static func seal(_ count: Int, in buffer: BatchBuffer) async throws {
        for _ in 0..<count {
            var random = Seeded(UInt64(buffer.newest))
            let time = Timestamp.start + Int(buffer.newest)
            let records = (0..<recordsOfABatch).map { _ in
                let start = Int.random(in: 0...noise.count - 5_000, using: &random)
                let text = String(decoding: noise[start..<start + 5_000], as: UTF8.self)
                return Record.reading(
                    Reading(signal: counter, time: time, content: .good(.text(text))))
            }
            try await buffer.seal(records, at: time)
        }
    }

    private static let recordsOfABatch = 4
    private static let recordsOfALargeBatch = 80

    private static func acknowledge(_ buffer: BatchBuffer) async throws {
        try await buffer.acknowledge(
            Cursor(epoch: buffer.epoch, sequence: buffer.newest), for: "mes", ifMatch: nil)
    }

    /// From the first sequence to the newest, each is there or said to be gone.
    private static func hasNoHole(_ buffer: BatchBuffer) async throws -> Bool {
        let beginning = Position.after(Cursor(epoch: buffer.epoch, sequence: 0))
        return try await buffer.everything(after: beginning).sequences
            == Array(1...buffer.newest)
    }

    @Test(arguments: SmallDisk.Kind.allCases)
    func `on a full disk it goes on as a ring, and grows again when there is room`(
        kind: SmallDisk.Kind
    ) async throws {
        let disk = try SmallDisk(kind)
        let settings = disk.settings(limit: 8 << 20)
        var buffer = try BatchBuffer(settings)
        try await buffer.register("mes", start: .earliest)
        try await Self.seal(100, in: buffer)
        #expect(try await buffer.state().isPressedByDisk == false)

        try disk.fill()
        #expect(disk.free == 0)
        let before = try await buffer.state()
        for round in 1...20 {
            try await Self.seal(10, in: buffer)
            if round % 4 == 0 { try await Self.acknowledge(buffer) }
            #expect(try await Self.hasNoHole(buffer))
        }
        let full = try await buffer.state()
        #expect(full.isPressedByDisk)
        #expect(full.bytes < before.bytes + (1 << 19), "a ring at its size")
        #expect(full.lostToDisk + full.lostToLimit == full.lostRecords)
        #expect(full.lostToLimit == 0)

        disk.empty()
        try await Self.seal(100, in: buffer)
        let after = try await buffer.state()
        #expect(!after.isPressedByDisk)
        #expect(after.lostToDisk == full.lostToDisk, "nothing is taken once there is room")
        #expect(after.batches > full.batches + 90)
        let newest = buffer.newest
        await buffer.close()

        // What was committed after the space came back is there after a restart, too.
        buffer = try BatchBuffer(settings)
        #expect(buffer.newest == newest)
        #expect(try await buffer.everything().sequences.last == newest)
        try await Self.seal(1, in: buffer)
        await buffer.close()
    }

    /// Between full and not full lie the sizes at which the log's index had holes, and to write into
    /// one of them ended the process. It grows when the log does, by a batch of 3 MB here, for
    /// which the log has room on the disk already.
    @Test(arguments: [SmallDisk.Kind.tmpfs, .ext4], [false, true])
    func `no free byte more or less ends the process`(
        kind: SmallDisk.Kind, afterCrash isCrash: Bool
    ) async throws {
        for free in [0, 8 << 10, 16 << 10, 28 << 10] {
            let disk = try SmallDisk(kind)
            let settings = disk.settings(limit: 8 << 20)
            var buffer = try BatchBuffer(settings)
            try await Self.seal(2, in: buffer)
            try await Self.sealLarge(in: buffer)
            if isCrash {
                try await Self.open(afterCrashOf: buffer, on: disk, leaving: free)
            } else {
                await buffer.close()
                buffer = try BatchBuffer(settings)
                _ = try shell("fallocate -n -l 4M '\(settings.directory)/millpond.db-wal'")
                try disk.fill(leaving: free)
                do throws(BufferError) { try await Self.sealLarge(in: buffer) } catch {
                    #expect(error.isFull, "\(error)")
                }
                #expect(try await Self.hasNoHole(buffer))
            }
            disk.empty()
            await buffer.close()
        }
    }

    private static func sealLarge(in buffer: BatchBuffer) async throws(BufferError) {
        let records = (0..<recordsOfALargeBatch).map { number in
            let text = String(
                decoding: noise[number * 50_000..<(number + 1) * 50_000], as: UTF8.self)
            return Record.reading(
                Reading(signal: counter, time: .start, content: .good(.text(text))))
        }
        try await buffer.seal(records)
    }

    /// What a crash leaves behind has a log, whose index has to be made anew.
    private static func open(
        afterCrashOf buffer: BatchBuffer, on disk: SmallDisk, leaving free: Int
    ) async throws {
        let settings = disk.settings(limit: 8 << 20, directory: "crashed")
        _ = try shell("cp -r '\(buffer.directory)' '\(settings.directory)'")
        Books.count(in: settings.directory) { recordsOfABatch * 2 + recordsOfALargeBatch }
        _ = try shell("rm '\(settings.directory)/millpond.reserve'")
        try disk.fill(leaving: free)
        do throws(BufferError) {
            let again = try BatchBuffer(settings)
            #expect(again.newest == buffer.newest)
            await again.close()
        } catch {
            guard case .unusable(_, .errno(ENOSPC)) = error else { return #expect(error.isFull) }
        }
    }

    /// A buffer that has hardly begun is a ring of hardly anything.
    @Test(arguments: [SmallDisk.Kind.tmpfs, .ext4])
    func `what finds no room is refused, and taken when there is some`(
        kind: SmallDisk.Kind
    ) async throws {
        let disk = try SmallDisk(kind)
        let buffer = try BatchBuffer(disk.settings(limit: 8 << 20))
        try await Self.seal(1, in: buffer)
        try disk.fill()
        await #expect { try await Self.sealLarge(in: buffer) } throws: { error in
            (error as? BufferError)?.isFull == true
        }
        #expect(buffer.newest == 1)
        disk.empty()
        try await Self.sealLarge(in: buffer)
        #expect(buffer.newest == 2)
        await buffer.close()
    }

    @Test(arguments: SmallDisk.Kind.allCases)
    func `a buffer opens on a full disk, after a stop and after a crash`(
        kind: SmallDisk.Kind
    ) async throws {
        let disk = try SmallDisk(kind)
        let settings = disk.settings(limit: 4 << 20)
        let crashed = disk.settings(limit: 4 << 20, directory: "crashed")
        var buffer = try BatchBuffer(settings)
        try await Self.seal(60, in: buffer)
        _ = try shell("cp -r '\(settings.directory)' '\(crashed.directory)'")
        let newest = buffer.newest
        await buffer.close()
        Books.count(in: crashed.directory) { Int(newest) * Self.recordsOfABatch }
        for settings in [settings, crashed] {
            disk.empty()
            // The reserve is there, as it was when the disk still had room.
            _ = try shell("fallocate -l 1536K '\(settings.directory)/millpond.reserve'")
            try disk.fill()
            if kind == .ext4WithoutInodes {
                // A log and its index are two files more; that much must be there.
                _ = try shell("rm '\(disk.path)'/filler-[012]")
            }
            buffer = try BatchBuffer(settings)
            #expect(buffer.newest == newest)
            for _ in 0..<5 { try await Self.seal(1, in: buffer) }
            #expect(buffer.newest == newest + 5)
            #expect(try await Self.hasNoHole(buffer))
            await buffer.close()
        }
    }

    @Test(arguments: SmallDisk.Kind.allCases)
    func `where there is no room for a new buffer, that is said`(kind: SmallDisk.Kind) throws {
        let disk = try SmallDisk(kind)
        let settings = disk.settings(limit: 4 << 20)
        try #require(mkdir(settings.directory, 0o700) == 0)
        try disk.fill()
        #expect {
            _ = try BatchBuffer(settings)
        } throws: { error in
            if case BufferError.unusable(_, .errno(ENOSPC)) = error { true } else { false }
        }
        disk.empty()
    }
}
