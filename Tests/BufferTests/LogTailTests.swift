// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

/// What a log that has rotted gives back beside what was sealed: the work of condensing, and who
/// reads.
@Suite(.conserving) struct LogTailTests {
    private let scene: BufferScene

    init() throws { scene = try BufferScene() }

    private func store(_ mode: WhenFull) throws -> Store {
        var settings = scene.settings
        settings.limit = 192 << 10
        settings.whenFull = mode
        return try Store(settings, boot: "") { scene.events.add($0) }
    }

    private func seal(_ records: [Record], at time: Timestamp, into store: Store) throws {
        let head = try store.seal(
            Records(records), sealed: time, monotonic: nil, clock: .synced, losses: [])
        Books.note(head, losses: [], in: scene.settings.directory)
    }

    /// As a crash leaves it, with one bit flipped in the second commit, or in the last frame of a page:
    /// of a row that names somebody, or where no row is.
    private func rot(_ store: Store, lastOf page: Int? = nil, naming name: String? = nil) throws {
        _ = try shell("cp -r '\(scene.settings.directory)' '\(scene.scratch.path)/before'")
        store.database.leaveLog()
        store.held = nil
        store.lock = nil
        _ = try shell("cd '\(scene.scratch.path)' && rm -rf buffer && mv before buffer")
        let log = try #require(File.bytes(of: scene.directory.log, most: LogFrames.maxBytes))
        let frames = LogFrames(log, pageSize: Store.pageSize).frames
        let first = frames.firstIndex { $0.isCommit } ?? 0
        let last = page.flatMap { page in frames.lastIndex { $0.page == page } }
        let frame = frames[last ?? first + 1]
        let content = PageBytes(log[frame.offset..<frame.offset + Store.pageSize])
        let format = PageFormat(pageSize: Store.pageSize)
        var place = 300
        for index in 0..<Consumer.maxCount {
            guard let name, let cell = format.cell(index, of: content),
                let record = content.slice(cell.place, cell.local),
                StoredRecord(record)?.text(0) == name
            else { continue }
            // Of its digest, the last byte.
            place = cell.place + cell.local - 1
        }
        let file = Glibc.open(scene.directory.log, O_RDWR)
        try #require(file >= 0)
        defer { close(file) }
        try flip((frame.offset + place) * 8 + 2, of: file)
    }

    @Test(arguments: WhenFull.allCases)
    func `what was condensed comes back without those that it stands for`(mode: WhenFull)
        async throws
    {
        let store = try store(mode)
        var plant = PressedPlant(seed: 3)
        func condensed() throws -> Int {
            try store.database.first(
                "SELECT count(*) FROM lost WHERE reason IN ('thinned', 'buffer-limit')"
            ) { $0.count(0) } ?? 0
        }
        while try condensed() == 0 { try seal(plant.next(), at: plant.time, into: store) }
        let isWhole = try store.database.checkpoint(.truncate)
        #expect(isWhole)
        let before = try condensed()
        try seal([reading(1, at: plant.time)], at: plant.time, into: store)
        while try condensed() == before { try seal(plant.next(), at: plant.time, into: store) }
        try seal([reading(2, at: plant.time)], at: plant.time, into: store)
        let (newest, tally) = (store.newest, try #require(try store.stream.tally()))
        let gone = try condensed()
        try rot(store)
        let again = try self.store(mode)
        #expect(again.newest == newest)
        #expect(try again.stream.tally() == tally, "nothing is lost, and nothing is there twice")
        #expect(
            try again.database.first("SELECT total(records) FROM lost WHERE reason = 'corruption'")
            {
                $0.count(0)
            } == 0)
        #expect(
            try again.database.first(
                "SELECT count(*) FROM lost WHERE reason IN ('thinned', 'buffer-limit')"
            ) { $0.count(0) } == gone)
        #expect(scene.events.all.count == 1, "\(scene.events.all)")
        try again.close()
    }

    @Test func `who reads, and how far each has come, comes back`() async throws {
        let store = try store(.drop)
        let cursor = store.stream.cursor
        for name in ["erp", "mes", "lims"] { _ = try store.register(name, start: .earliest) }
        for number in 1...4 { try seal([reading(number)], at: .start, into: store) }
        _ = try store.acknowledge(cursor(3), for: "lims", ifMatch: nil)
        let isWhole = try store.database.checkpoint(.truncate)
        #expect(isWhole)
        try seal([reading(5)], at: .start, into: store)
        _ = try store.acknowledge(cursor(4), for: "erp", ifMatch: nil)
        _ = try store.register("historian", start: .earliest)
        _ = try store.remove("mes")
        // Who comes back begins anew, and what it had before is not the truth.
        _ = try store.remove("lims")
        _ = try store.register("lims", start: .earliest)
        let rows = try store.stream.consumerRows()
        try rot(store)
        let again = try self.store(.drop)
        #expect(try again.stream.consumerRows() == rows)
        #expect(rows.map(\.sequence) == [4, 0, 0])
        #expect(again.newest == 5)
        #expect(scene.events.all.count == 1, "\(scene.events.all)")
        try again.close()
    }

    @Test func `an acknowledgement that nobody can read any more is told`() async throws {
        let outcome = try consumers(naming: "erp") { store in
            _ = try store.acknowledge(store.stream.cursor(2), for: "erp", ifMatch: nil)
        }
        #expect(outcome.places == ["erp": 0, "mes": 0])
        #expect(outcome.doubtful == ["erp"] && outcome.isComplete)
    }

    @Test func `a registration that nobody can read any more is told`() async throws {
        let outcome = try consumers(naming: "a") { _ = try $0.register("a", start: .earliest) }
        #expect(outcome.places == ["erp": 0, "mes": 0])
        #expect(!outcome.isComplete)
    }

    @Test func `a removal that nobody can read any more is known by the mark`() async throws {
        let outcome = try consumers(naming: nil) { _ = try $0.remove("mes") }
        #expect(outcome.places == ["erp": 0])
        #expect(outcome.isComplete)
    }

    /// What the tail tells of consumers when the last frame of their page has rotted, in the row of
    /// one of them.
    private func consumers(
        naming name: String?, _ change: (Store) throws -> Void
    ) throws -> TailConsumers.Outcome {
        let store = try store(.drop)
        for name in ["erp", "mes"] { _ = try store.register(name, start: .earliest) }
        for number in 1...3 { try seal([reading(number)], at: .start, into: store) }
        let isWhole = try store.database.checkpoint(.truncate)
        #expect(isWhole)
        try change(store)
        try seal([reading(4)], at: .start, into: store)
        let mark = try #require(store.mark.mark)
        let root = try store.database.first(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'consumer'"
        ) { $0.count(0) }
        try rot(store, lastOf: root, naming: name)
        let before = ["erp": Int64(0), "mes": 0]
        let tail = LogTail(scene.directory, isRotten: true)
        let again = try self.store(.drop)
        let outcome = tail.consumers.outcome(before, readers: mark.readers)
        let places = Dictionary(
            uniqueKeysWithValues: try again.stream.consumerRows().map { ($0.name, $0.sequence) })
        #expect(places == outcome.places)
        #expect(again.newest == 4)
        let isTold = scene.events.all.contains {
            $0 == .consumersInDoubt(outcome.doubtful, isComplete: outcome.isComplete)
        }
        #expect(isTold == (!outcome.isComplete || !outcome.doubtful.isEmpty))
        try again.close()
        return outcome
    }
}
