// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

/// A buffer that has gone round as a ring, of batches of all sizes, and whose directory is measured
/// after whatever the writer does.
struct FullPlant {
    private(set) var settings: BatchBuffer.Settings
    let epoch: Epoch
    /// Records in the database that is to be damaged.
    private(set) var kept = 0
    /// Records that were sealed since.
    private(set) var sealed = 0
    /// The most that the directory ever took.
    private(set) var most = Footprint()
    private(set) var steps = 0
    private let runs: [Records]
    private var number = 0

    init(_ settings: BatchBuffer.Settings) throws {
        self.settings = settings
        runs = Self.runs()
        let store = try Store(settings, boot: "")
        epoch = store.reached.epoch
        while store.holding.totals.bytes < settings.limit * 9 / 8 {
            try seal(in: store)
            while store.upkeep() == .zero {}
        }
        kept = Int(try #require(try store.stream.tally()).kept)
        sealed = 0
        try store.close()
    }

    /// The same, in a directory of its own.
    func copy(to scratch: Scratch) throws -> FullPlant {
        var copy = self
        copy.settings = scratch.settings(limit: settings.limit)
        _ = try shell("cp -r '\(settings.directory)' '\(copy.settings.directory)'")
        return copy
    }

    /// A consumer that has read nothing yet.
    func register(_ consumer: String) throws {
        let store = try Store(settings, boot: "")
        _ = try store.register(consumer, start: .earliest)
        try store.close()
    }

    /// What compresses, what hardly does, and now and then much of it.
    private static func runs() -> [Records] {
        var random = Seeded(17)
        var data = PlantData()
        return (0..<24).map { index in
            guard index % 6 > 0 else { return Records(data.next(seconds: index % 4 + 1)) }
            return Records(
                (0..<(index == 7 ? 100 : index % 12 + 1)).map { number in
                    let text = (0..<6_000).map { _ in UInt8.random(in: 48...111, using: &random) }
                    return .reading(
                        Reading(
                            signal: counter, time: .start + number,
                            content: .good(.text(String(decoding: text, as: UTF8.self)))))
                })
        }
    }

    mutating func seal(in store: Store) throws {
        let run = runs[number % runs.count]
        _ = try store.seal(
            run, sealed: .start + number, monotonic: nil, clock: .synced, losses: [])
        number += 1
        sealed += run.count
        measure()
    }

    /// Has the writer do all that it has to do by itself, and seals a batch now and then.
    mutating func salvage(_ store: Store, sealingEvery pause: Int) throws {
        measure()
        while store.upkeep() == .zero {
            steps += 1
            measure()
            if steps % pause == 0 { try seal(in: store) }
        }
    }

    /// A consumer has had all there is.
    mutating func acknowledge(in store: Store, by consumer: String) throws {
        _ = try store.acknowledge(store.reached, for: consumer, ifMatch: nil)
        measure()
    }

    /// Closes the books: what was there and what came is kept or lost, for these reasons alone.
    func finish(_ store: Store, lost reasons: Set<LossReason>) throws {
        var lost: [LossReason: Int] = [:]
        try store.stream.losses(after: 0) { row in
            lost[row.reason, default: 0] += row.records
            return true
        }
        let tally = try #require(try store.stream.tally())
        #expect(Set(lost.keys) == reasons)
        #expect(Int(tally.kept) + lost.values.reduce(0, +) == kept + sealed)
        try store.close()
        let produced = kept + sealed
        Books.count(in: settings.directory) { produced }
    }

    private mutating func measure() {
        let now = Footprint(settings.directory)
        most.allocated = max(most.allocated, now.allocated)
        most.apparent = max(most.apparent, now.apparent)
    }
}

/// What the files below a directory take of the disk, and their lengths, in bytes.
struct Footprint {
    var allocated = 0
    var apparent = 0

    init() {}

    init(_ path: String) {
        for name in FileSystem.names(in: path) {
            var status = stat()
            let path = path + "/" + name
            guard name != ".", name != "..", lstat(path, &status) == 0 else { continue }
            allocated += Int(status.st_blocks) * 512
            apparent += Int(status.st_size)
            guard status.st_mode & S_IFMT == S_IFDIR else { continue }
            let below = Footprint(path)
            allocated += below.allocated
            apparent += below.apparent
        }
    }
}
