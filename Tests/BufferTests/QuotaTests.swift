// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Buffer

/// The decision alone, without a disk.
struct QuotaTests {
    private static let mebibyte = 1 << 20

    private struct Case {
        let name: String
        var limit = 2_048
        var present = 0
        var log = 4
        var reserved = 5
        var quarantine = 0
        var disk: (size: Int, free: Int)?
        let quota: Int
        var isPressed = false
    }

    /// In MiB.
    @Test(arguments: [
        Case(name: "a large disk", disk: (100_000, 50_000), quota: 2_048),
        Case(name: "a disk that does not say", quota: 2_048),
        Case(
            name: "less free than the limit", present: 100, disk: (4_000, 1_000), quota: 844,
            isPressed: true),
        Case(
            name: "less free than the margin: what it has", present: 100, disk: (4_000, 200),
            quota: 100, isPressed: true),
        Case(name: "full", present: 100, disk: (4_000, 0), quota: 100, isPressed: true),
        Case(
            name: "what is to be reserved is not free", present: 100, reserved: 0,
            disk: (4_000, 1_000), quota: 839, isPressed: true),
        Case(
            name: "what the log is to have is not free", present: 100, log: 1,
            disk: (4_000, 1_000), quota: 841, isPressed: true),
        Case(name: "a small disk", disk: (40, 30), quota: 26, isPressed: true),
        Case(
            name: "a lowered limit, on a full disk", limit: 50, present: 100, disk: (4_000, 0),
            quota: 50, isPressed: false),
        Case(name: "quarantine within the overhead", quarantine: 40, quota: 2_048),
        Case(name: "quarantine beyond it", quarantine: 100, quota: 1_995),
        Case(name: "more in quarantine than all", limit: 8, quarantine: 100, quota: 4),
    ])
    private func `what the database may have`(row: Case) {
        var quota = Quota(limit: row.limit * Self.mebibyte)
        quota.look(
            at: Quota.Room(
                present: row.present * Self.mebibyte, file: row.present * Self.mebibyte,
                log: row.log * Self.mebibyte, reserve: 5 * Self.mebibyte,
                reserved: row.reserved * Self.mebibyte,
                quarantine: row.quarantine * Self.mebibyte,
                disk: row.disk.map {
                    Quota.Disk(size: $0.size * Self.mebibyte, free: $0.free * Self.mebibyte)
                }))
        #expect(quota.bytes / Self.mebibyte == row.quota)
        #expect(quota.isPressed == row.isPressed)
    }

    /// Whatever the disk says: never more than the limit, never less than what is there but where
    /// the limit says so, and the margin stays free.
    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `it takes nothing that is there, and leaves the margin`(seed: UInt64) {
        var random = Seeded(seed)
        var quota = Quota(limit: Int.random(in: Self.mebibyte...4 << 30, using: &random))
        for _ in 0..<1_000 {
            let size = Int.random(in: 1...8 << 30, using: &random)
            let free = Int.random(in: 0...size, using: &random)
            let present = Int.random(in: 0...quota.limit, using: &random)
            let file = Int.random(in: 0...present, using: &random)
            let disk = Quota.Disk(size: size, free: free)
            quota.look(at: Quota.Room(present: present, file: file, log: 0, disk: disk))
            #expect(quota.bytes <= quota.limit)
            #expect(quota.bytes >= present)
            #expect(quota.bytes == present || quota.bytes - file <= free - disk.margin)
        }
    }

    @Test func `a file that comes and goes does not make it flap`() {
        var quota = Quota(limit: 2 << 30)
        func look(free: Int) -> Bool {
            quota.look(
                at: Quota.Room(
                    present: 1 << 30, file: 1 << 30, log: Store.logLimit,
                    disk: Quota.Disk(size: 100 << 30, free: free)))
            return quota.isPressed
        }
        #expect(!look(free: (1 << 30) + (256 << 20)))
        #expect(look(free: (1 << 30) + (255 << 20)))
        #expect(look(free: (1 << 30) + (300 << 20)))
        #expect(!look(free: (1 << 30) + (384 << 20)))
        #expect(!look(free: (1 << 30) + (300 << 20)))
    }
}
