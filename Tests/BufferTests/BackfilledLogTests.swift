// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

/// Rot in a log that a checkpoint has worked off, wholly or in part, and that has not begun anew:
/// SQLite would lay what comes before the rot over newer pages of the file.
@Suite(.conserving) struct BackfilledLogTests {
    private let scene: BufferScene

    init() throws { scene = try BufferScene() }

    /// Thirty batches in one log, which a checkpoint has moved into the file as well; all as a crash
    /// leaves it, in `before`. The epoch and the seals.
    private func crash() throws -> (epoch: Epoch, seals: [String]) {
        let store = try Store(scene.settings, boot: "")
        var seals: [String] = []
        for number in 1...30 {
            let time = Timestamp.start + number
            let head = try store.seal(
                Records((0..<number).map { reading($0, at: time) }), sealed: time, monotonic: nil,
                clock: .synced, losses: [])
            Books.note(head, losses: [], in: scene.settings.directory)
            seals.append(head.sha256)
        }
        _ = try shell("cp '\(scene.directory.database)' '\(scene.scratch.path)/start'")
        let isWhole = try store.database.checkpoint(.passive)
        #expect(isWhole)
        _ = try shell("cp -r '\(scene.settings.directory)' '\(scene.scratch.path)/before'")
        return (store.stream.epoch, seals)
    }

    /// Opens the crashed buffer with one bit of its log flipped.
    private func open(flipping place: Int) throws -> BatchBuffer {
        _ = try shell("cd '\(scene.scratch.path)' && rm -rf buffer && cp -r before buffer")
        let file = Glibc.open(scene.directory.log, O_RDWR)
        try #require(file >= 0)
        defer { close(file) }
        try flip(place * 8 + place % 8, of: file)
        return try scene.open()
    }

    private static let records = 30 * 31 / 2
    private static let frame = Store.pageSize + 24

    /// Also where a power cut has torn a frame between its new salts and its sums: what comes behind
    /// goes on with the sums that were there before.
    @Test(arguments: [false, true])
    func `what is left behind a log that began anew has not rotted`(isTorn: Bool) async throws {
        _ = try crash()
        // A batch more, at the beginning of the log, before the frames of 29 that the file holds.
        _ = try shell("cd '\(scene.scratch.path)' && rm -rf buffer && cp -r before buffer")
        let store = try Store(scene.settings, boot: "") { scene.events.add($0) }
        for number in 1...30 {
            let time = Timestamp.start + 30 + number
            Books.note(
                try store.seal(
                    Records((0..<number).map { reading($0, at: time) }), sealed: time,
                    monotonic: nil, clock: .synced, losses: []), losses: [],
                in: scene.settings.directory)
            if number == 29 { #expect(try store.database.checkpoint(.passive)) }
        }
        _ = try shell("cp -r '\(scene.settings.directory)' '\(scene.scratch.path)/after'")
        try store.close()
        _ = try shell("cd '\(scene.scratch.path)' && rm -rf buffer && cp -r after buffer")
        if isTorn { try tearBetweenSaltsAndSums() }
        let buffer = try scene.open()
        #expect(try await buffer.allPages().batches.count == 60)
        #expect(scene.events.all == [])
        await buffer.close()
    }

    @Test func `a log that the file holds all of is not needed`() async throws {
        let (epoch, seals) = try crash()
        let size = BufferDirectory.size(of: "\(scene.scratch.path)/before/millpond.db-wal")
        // The sums of a page that has rotted are those of the page in the file.
        for place in stride(from: 32, to: size, by: size / 60) where (place - 32) % Self.frame > 23
        {
            let buffer = try open(flipping: place)
            let page = try await buffer.allPages()
            #expect(page.batches.map(\.head.sha256) == seals, "byte \(place)")
            #expect(buffer.epoch == epoch, "byte \(place)")
            await buffer.close()
        }
        #expect(scene.events.all.contains { if case .logDamaged = $0 { true } else { false } })
        #expect(scene.events.all.allSatisfy { if case .logDamaged = $0 { true } else { false } })
    }

    @Test func `a log that the file holds a part of costs no batch`() async throws {
        let seals = try crashInCheckpoint()
        let size = BufferDirectory.size(of: "\(scene.scratch.path)/before/millpond.db-wal")
        for place in stride(from: 100, to: size, by: size / 40) {
            let buffer = try open(flipping: place)
            try await buffer.isSalvaged()
            let page = try await buffer.allPages()
            let found = Set(page.batches.map(\.head.sha256))
            #expect(found.isSubset(of: seals), "byte \(place)")
            #expect(page.counts.read + page.counts.lost == Self.records, "byte \(place)")
            #expect(found.count >= 29, "byte \(place): \(page.lost)")
            await buffer.close()
        }
    }

    @Test func `a page that is as it was long before proves nothing`() async throws {
        let store = try Store(scene.settings, boot: "")
        for name in ["erp", "mes"] { _ = try store.register(name, start: .earliest) }
        let isWhole = try store.database.checkpoint(.truncate)
        #expect(isWhole)
        // The one who goes and comes back leaves the page of consumers as the file has it.
        for number in 1...2 {
            let head = try store.seal(
                Records([reading(number, at: .start)]), sealed: .start, monotonic: nil,
                clock: .synced, losses: [])
            Books.note(head, losses: [], in: scene.settings.directory)
            if number == 1 { _ = try store.remove("mes") }
        }
        _ = try shell("cp '\(scene.directory.mark)' '\(scene.scratch.path)/mark'")
        _ = try store.register("mes", start: .earliest)
        let epoch = store.stream.epoch
        _ = try shell("cp -r '\(scene.settings.directory)' '\(scene.scratch.path)/before'")
        try store.close()
        _ = try shell(
            "cd '\(scene.scratch.path)' && rm -rf buffer && mv before buffer && cp mark '\(scene.directory.mark)'"
        )
        // A power cut comes when that last page is still to be written, and the mark.
        let log = try #require(File.bytes(of: scene.directory.log, most: LogFrames.maxBytes))
        let frames = LogFrames(log, pageSize: Store.pageSize).frames
        let last = try #require(frames.last)
        let isWholeFrame = LogFrames(log, pageSize: Store.pageSize).isFrame(
            at: last.offset, of: log,
            try #require(page(last.page)))
        #expect(isWholeFrame, "the page is as it was")
        _ = try shell(
            """
            dd if=/dev/zero of='\(scene.directory.log)' bs=1 seek=\(last.offset) \
            count=\(Store.pageSize) conv=notrunc 2>&1
            """)
        let buffer = try scene.open()
        #expect(buffer.epoch == epoch)
        #expect(try await buffer.allPages().batches.count == 2)
        #expect(scene.events.all == [])
        await buffer.close()
    }

    /// Gives the first frame that is left of the turn before the salts of this one.
    private func tearBetweenSaltsAndSums() throws {
        let log = try #require(File.bytes(of: scene.directory.log, most: LogFrames.maxBytes))
        let last = try #require(LogFrames(log, pageSize: Store.pageSize).frames.last)
        let file = Glibc.open(scene.directory.log, O_RDWR)
        try #require(file >= 0)
        defer { close(file) }
        let place = last.offset + Store.pageSize + 8
        try #require(log.count > place + Self.frame)
        try #require(pwrite(file, Array(log[16..<24]), 8, off_t(place)) == 8)
    }

    /// A page of the database file.
    private func page(_ number: UInt32) -> [UInt8]? {
        File(reading: scene.directory.database)?
            .bytes(at: Int(number - 1) * Store.pageSize, count: Store.pageSize)
    }

    /// A checkpoint that a crash ended in the middle: the first pages of the file are new, and the
    /// rest is as it was.
    private func crashInCheckpoint() throws -> [String] {
        let (_, seals) = try crash()
        _ = try shell(
            """
            cd '\(scene.scratch.path)' \
            && dd if=before/millpond.db of=start bs=512 count=40 conv=notrunc \
            2>&1 && mv start before/millpond.db
            """)
        return seals
    }
}
