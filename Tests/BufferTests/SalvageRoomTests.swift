// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

/// A database that fills its limit is damaged: while it lies in quarantine and comes back from it,
/// both together stay within what the directory may take, whatever the file system can do.
@Suite(.conserving) struct SalvageRoomTests {
    /// More than the overhead could hold a second time.
    private static let limit = 64 << 20
    /// The contract's, of what the disk gives; the lengths of files with holes say more.
    private static let bound = limit + Quota.overhead

    private enum Damage {
        /// The first page is gone, which opening finds.
        case header
        /// A mebibyte is gone, which the scrub finds while the buffer is used.
        case middle

        /// Bytes that are gone in the middle.
        static let hole = 1 << 20

        /// Does it, and opens the buffer.
        func opened(_ settings: BatchBuffer.Settings) throws -> Store {
            let path = settings.directory + "/millpond.db"
            let file = open(path, O_RDWR)
            defer { close(file) }
            let place = self == .header ? 0 : BufferDirectory.size(of: path) / 2
            let zeros = [UInt8](repeating: 0, count: self == .header ? Store.pageSize : Self.hole)
            try #require(pwrite(file, zeros, zeros.count, off_t(place)) == zeros.count)
            let store = try Store(settings, boot: "")
            if self == .middle { try store.see(to: .database(store.reached.epoch)) }
            return store
        }
    }

    @Test func `a full buffer returns within its bound, while sealing goes on`() throws {
        let filled = try FullPlant(Scratch().settings(limit: Self.limit))
        for (damage, var plant) in [(.middle, try filled.copy(to: Scratch())), (.header, filled)]
            as [(Damage, FullPlant)]
        {
            let store = try damage.opened(plant.settings)
            try plant.salvage(store, sealingEvery: 20)
            #expect(store.holding.owed == 0)
            #expect(plant.most.allocated <= Self.bound)
            // Hardly a page is left behind, but for those that are damaged.
            let damaged = damage == .header ? 0 : Damage.hole
            #expect(Quarantine.bytes(in: store.directory) < damaged + (1 << 20))
            try plant.finish(
                store, lost: damage == .header ? [.bufferLimit] : [.bufferLimit, .corruption])
        }
    }

    /// A file that is immutable cannot be punched, as on a file system that knows no holes.
    @Test(.enabled(if: Immutable.isPossible, "no file can be made immutable here"))
    func `where no room comes back, what finds none waits for its readers`() throws {
        var plant = try FullPlant(Scratch().settings(limit: Self.limit))
        try plant.register("mes")
        let store = try Damage.header.opened(plant.settings)
        let quarantined = Quarantine(store.directory, of: plant.epoch).files.database
        let immutable = try Immutable(quarantined)
        try plant.salvage(store, sealingEvery: 20)
        #expect(store.holding.owed > 0)
        var rounds = 0
        while store.holding.owed > 0 {
            try #require(rounds < 10, "it never ends")
            rounds += 1
            try plant.acknowledge(in: store, by: "mes")
            try plant.salvage(store, sealingEvery: 20)
        }
        #expect(FileSystem.allocated(by: quarantined) >= BufferDirectory.size(of: quarantined))
        #expect(plant.most.allocated <= Self.bound)
        withExtendedLifetime(immutable) {}
        try plant.finish(store, lost: [.acknowledged])
    }

    /// The oldest go first: what still lies in quarantine, before anything that was sealed since.
    @Test func `what nobody reads is given up when all that came back has gone`() throws {
        var plant = try FullPlant(Scratch().settings(limit: 2 << 20))
        try plant.register("mes")
        let store = try Damage.header.opened(plant.settings)
        try plant.salvage(store, sealingEvery: 4)
        let owed = store.holding.owed
        #expect(owed > 0)
        for _ in 0..<400 where store.holding.owed > 0 {
            #expect(store.holding.owed == owed)
            try plant.seal(in: store)
            try plant.salvage(store, sealingEvery: .max)
        }
        #expect(store.holding.owed == 0)
        try plant.finish(store, lost: [.bufferLimit, .corruption])
    }
}

/// A file that nobody may change, rename or remove until this is gone.
private final class Immutable {
    private let path: String

    init(_ path: String) throws {
        self.path = path
        try #require(system("chattr +i '\(path)'") == 0)
    }

    deinit { system("chattr -i '\(path)'") }

    /// Whether this user may, and the file system of the tests' directories can.
    static let isPossible =
        system("f=$(mktemp) && chattr +i $f && chattr -i $f && rm $f || { rm -f $f; false; }") == 0
}
