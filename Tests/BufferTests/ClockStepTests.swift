// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

/// A wall clock that is set while batches are sealed, and between two runs: order is kept, nothing
/// is wiped, nothing sticks, and what is said of rates and lags stays true.
@Suite(.conserving)
struct ClockStepTests {
    private static let day = 86_400

    /// Seconds by which the wall clock is set after the tenth batch.
    static let steps = [
        0, 1, -1, 3_600, -3_600, -7 * day, 7 * day, Int(Timestamp.start.milliseconds / 1_000),
        -Int(Timestamp.start.milliseconds / 1_000),
    ]

    /// Ten readings each ten seconds of uptime, from the `number`th batch on.
    private static func seal(
        _ count: Int, from number: inout Int, in store: Store, uptime: (Int) -> Int,
        wall: (Int) -> Timestamp
    ) throws {
        for _ in 0..<count {
            let now = uptime(number) * 1_000
            let time = wall(number)
            let head = try store.seal(
                Records((0..<10).map { reading($0, at: time) }), sealed: time,
                monotonic: Uptime(
                    milliseconds: Int64(now - 9_000))...Uptime(milliseconds: Int64(now)),
                clock: .synced, losses: [])
            Books.note(head, losses: [], in: store.settings.directory)
            number += 1
        }
    }

    private static func acknowledge(_ sequence: Int64, in store: Store) throws {
        _ = try store.register("mes", start: .earliest)
        _ = try store.acknowledge(store.stream.cursor(sequence), for: "mes", ifMatch: nil)
    }

    /// What must be true of 30 batches, 20 of them sealed after the step.
    private static func check(_ store: Store) throws {
        let page = try Reader(stream: store.stream).page(
            after: .after(store.stream.cursor(0)), limit: 100, maxBytes: .max)
        #expect(page.sequences == Array(1...30))
        #expect(page.counts.read + page.counts.lost == 300)
        #expect(page.lost.allSatisfy { $0.reason == .acknowledged })
        // Kept for 100 s, and sealed every 10 s: of those that were acknowledged, the last eight.
        let state = try store.stream.state(Quota(limit: 64 << 20))
        #expect(state.oldest == 21)
        #expect(state.lostRecords == 0)
        #expect(state.pace?.readings == 1)
        let lag = try #require(try store.stream.consumer("mes")).lag
        #expect(lag == .seconds(19), "one batch of 10 s, and what was gathered before the other")
    }

    @Test(arguments: steps)
    func `a step of the wall clock while running wipes nothing and keeps nothing`(
        step: Int
    ) throws {
        let scratch = try Scratch()
        let store = try Store(scratch.settings(keep: .seconds(100)), boot: "5f0c")
        var number = 0
        func seal(_ count: Int) throws {
            try Self.seal(count, from: &number, in: store) {
                60 + 10 * $0
            } wall: {
                .start + (10 * $0 + ($0 < 10 ? 0 : step))
            }
        }
        try seal(29)
        try Self.acknowledge(28, in: store)
        try seal(1)
        try Self.check(store)
    }

    @Test(arguments: steps)
    func `a step between two runs wipes nothing and keeps nothing`(step: Int) throws {
        let scratch = try Scratch()
        let settings = scratch.settings(keep: .seconds(100))
        var number = 0
        func run(_ batches: Int, acknowledging: Int64? = nil) throws {
            let store = try Store(settings, boot: "5f0c")
            try Self.seal(batches, from: &number, in: store) {
                60 + 10 * $0
            } wall: {
                .start + (10 * $0 + ($0 < 10 ? 0 : step))
            }
            if let acknowledging { try Self.acknowledge(acknowledging, in: store) }
            try store.close()
        }
        try run(10)
        try run(19, acknowledging: 28)
        try run(1)
        try Self.check(try Store(settings, boot: "5f0c"))
    }

    @Test(arguments: steps)
    func `a step in a reboot ages batches by what the box has run since, at most`(
        step: Int
    ) throws {
        let scratch = try Scratch()
        let settings = scratch.settings(keep: .seconds(100))
        var number = 0
        do {
            let store = try Store(settings, boot: "5f0c")
            try Self.seal(10, from: &number, in: store) {
                9_000 + 10 * $0
            } wall: {
                .start + 10 * $0
            }
            try Self.acknowledge(10, in: store)
            try store.close()
        }
        let store = try Store(settings, boot: "71a3")
        func seal(_ count: Int) throws {
            try Self.seal(count, from: &number, in: store) {
                30 + 10 * ($0 - 10)
            } wall: {
                .start + (10 * $0 + step)
            }
        }
        // The last batch before the reboot is 30 s old when the first one after it is sealed.
        try seal(1)
        #expect(try store.stream.state(Quota(limit: 64 << 20)).oldest == 4)
        try seal(6)
        #expect(try store.stream.state(Quota(limit: 64 << 20)).oldest == 10)
        try seal(9)
        #expect(try store.stream.state(Quota(limit: 64 << 20)).oldest == 11)
        #expect(try store.stream.state(Quota(limit: 64 << 20)).pace?.readings == 1)
    }
}

struct RunningTimeTests {
    private static func head(_ boot: String, _ uptime: Int64?) throws -> BatchHead {
        let epoch = try #require(Epoch("q7m2k9xd"))
        return BatchHead(
            cursor: Cursor(epoch: epoch, sequence: 1), gateway: "edge-07", site: nil,
            sealed: .start, records: 0, clock: .synced, boot: boot,
            monotonic: uptime.map { .init(uncheckedBounds: (Self.at($0), Self.at($0))) },
            sha256: "")
    }

    private static func at(_ seconds: Int64) -> Uptime { Uptime(milliseconds: seconds * 1_000) }

    @Test(
        arguments: [
            ("within a boot, as the uptime", "a", 100, "a", 160, 1_060),
            ("over a reboot, by the new uptime", "a", 100, "b", 160, 1_160),
            ("a box without boot ids that was rebooted", "", 100, "", 40, 1_040),
            ("a box without boot ids that was not", "", 100, "", 160, 1_060),
            ("the newest batch does not tell", "a", nil, "a", 160, 1_000),
            ("the newest batch does not tell, but that it was before", "a", nil, "b", 160, 1_160),
        ] as [(String, String, Int64?, String, Int64, Int)])
    func `time goes on`(
        name: String, boot: String, uptime: Int64?, now: String, at: Int64, elapsed: Int
    ) throws {
        var time = RunningTime(.seconds(1_000), at: try Self.head(boot, uptime))
        time.advance(to: Self.at(at), of: now)
        #expect(time.elapsed == .seconds(elapsed))
        time.advance(to: Self.at(at + 5), of: now)
        #expect(time.elapsed == .seconds(elapsed + 5))
    }

    @Test func `of a damaged batch nothing is known, and nothing is added`() {
        var time = RunningTime(.seconds(1_000), at: nil)
        time.advance(to: Self.at(99_999), of: "a")
        #expect(time.elapsed == .seconds(1_000))
    }
}
