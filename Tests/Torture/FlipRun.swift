// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Glibc

/// `Torture flips`: one bit of one payload is flipped in a database that nobody has open, at as many
/// places, one after the other.
///
/// The scrub must find each before anybody asks for the data. Then that batch stands as lost for
/// corruption, with its exact count, and all others are there.
///
/// - `--count` how many are tried; `--seed` which; `--folder`, `--figures` as in `PowerCutRun`
struct FlipRun {
    private let disk: Disk
    private let count: Int
    private let seed: Int
    private let folder: String
    private let figures: String

    private var work: String { folder + "/work" }
    private var directory: String { work + Folder.state }
    /// Enough to be told apart, each of forty pages that hold nothing else.
    private static let (batches, bytes) = (12, 20_000)

    init(_ options: Options, _ disk: Disk) throws(TortureError) {
        self.disk = disk
        count = try options.number("count", default: 200)
        seed = try options.number("seed", default: 1)
        folder = options.text("folder", default: "/dev/shm/millpond-torture-\(getpid())")
        figures = options.text("figures", default: "")
    }

    func run() async throws -> Bool {
        Folder.renew(folder)
        disk.seed(UInt64(seed))
        let (image, journal) = try await start()
        var random = Seeded(UInt64(seed))
        var tally = Tally()
        var missed = 0
        for number in 1...max(1, count) {
            tally.states += 1
            Folder.renew(work)
            try image.write(to: work)
            let bit = try Ruin.flipPayload(in: directory + "/millpond.db", &random)
            do {
                if try await !isFound() {
                    missed += 1
                    tally.tell("flip \(number), bit \(bit): the scrub has not found it")
                }
                let truth = journal.truths.last
                _ = try await Judge(journal: journal, acknowledged: truth, reached: truth)
                    .judge(directory) { _ in }
            } catch {
                tally.lost += 1
                tally.tell("flip \(number), bit \(bit): \(error)")
            }
        }
        for finding in tally.findings { say("  \(finding)") }
        let line = tally.json(
            "flips",
            [("trials", "\(tally.states)"), ("missed", "\(missed)"), ("broken", "\(tally.lost)")])
        say(line)
        if !figures.isEmpty { try Figures.write(line, to: "\(figures)/flips.json") }
        let isWell = missed + tally.lost == 0
        if isWell { Folder.remove(folder) }
        return isWell
    }

    /// What the disk holds before, of which one batch is going to rot.
    private func start() async throws -> (Image, Journal) {
        Folder.renew(work)
        var (numbered, journal) = (Numbered(seed: UInt64(seed)), Journal())
        let buffer = try BatchBuffer(Workload.settings(directory))
        for _ in 0..<Self.batches {
            try await FaultScene.seal(into: buffer, &numbered, &journal, bytes: Self.bytes)
        }
        _ = try await journal.learn(from: buffer)
        await buffer.close()
        _ = journal.expect { $0.spoiled = 1 }
        return (try Image(of: work), journal)
    }

    /// Whether the scrub has made a loss of it, while nobody reads.
    private func isFound() async throws -> Bool {
        let buffer = try BatchBuffer(Workload.settings(directory))
        do {
            try await buffer.scrubNow()
            let lost = try await buffer.state().lost[.corruption]
            await buffer.close()
            return lost != nil
        } catch {
            await buffer.close()
            throw error
        }
    }
}
