// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

/// Damage of every kind, at places from a seed, in each file of a crashed buffer, and files in one
/// another's place: it opens, and every record is read, brought back or told as lost, exactly.
@Suite(.conserving) struct RotTests {
    private static let kinds = [
        "flip": "printf '\\x5a' | dd of=%f bs=1 seek=%p conv=notrunc",
        "zeros": "dd if=/dev/zero of=%f bs=1 seek=%p count=512 conv=notrunc",
        "noise": "dd if=/dev/urandom of=%f bs=1 seek=%p count=700 conv=notrunc",
        "cut": "truncate -s %p %f", "gone": "rm %f", "empty": ": > %f",
    ]

    @Test(arguments: ["millpond.db", "millpond.db-wal"])
    func `whatever is damaged, every record is accounted for`(file: String) async throws {
        let crashed = try await Crashed(try Scratch(in: "/dev/shm"))
        try await damage(file, of: crashed) { kind, place in
            // A version that grew by rot is what a newer program's looks like: it is left alone.
            let isVersion = kind != "cut" && place <= 63 && place + 700 > 62
            return .counted(mayRefuse: file == "millpond.db" && isVersion)
        }
    }

    @Test(arguments: [
        "millpond.db-shm", "millpond.mark", "millpond.lock", "millpond.reserve", "learnt.yaml",
    ])
    func `what is not the data costs no record and no epoch`(file: String) async throws {
        let crashed = try await Crashed(try Scratch(in: "/dev/shm"))
        try await damage(file, of: crashed) { _, _ in .whole }
    }

    private func damage(
        _ file: String, of crashed: Crashed,
        expecting expected: (_ kind: String, _ place: Int) -> Crashed.Outcome
    ) async throws {
        let size = max(1, BufferDirectory.size(of: "\(crashed.before)/\(file)"))
        var random = Seeded(4)
        for (name, kind) in Self.kinds.sorted(by: { $0.key < $1.key }) {
            for _ in 0..<(name == "gone" || name == "empty" ? 1 : 12) {
                let place = Int.random(in: 0..<min(size, 12_000), using: &random)
                let script = kind.replacing("%f", with: file).replacing("%p", with: "\(place)")
                try await crashed.meet(
                    script, "\(name) at \(place)", expecting: expected(name, place))
            }
        }
    }

    @Test func `a flipped byte in the log costs one batch at most`() async throws {
        let crashed = try await Crashed(try Scratch(in: "/dev/shm"))
        let log = "millpond.db-wal"
        let size = BufferDirectory.size(of: "\(crashed.before)/\(log)")
        for place in stride(from: 40, to: size, by: size / 40) {
            let lost = try await crashed.meet(
                "printf '\\x5a' | dd of=\(log) bs=1 seek=\(place) conv=notrunc", "byte \(place)",
                expecting: .counted(mayRefuse: false))
            #expect(lost <= 1, "byte \(place)")
        }
    }

    /// One bit of each byte: 16 of the header's bits may look like a newer version.
    @Test func `no bit of the header makes ours another's`() async throws {
        let crashed = try await Crashed(try Scratch(in: "/dev/shm"))
        var random = Seeded(9)
        for place in 0..<100 {
            let bit = 1 << Int.random(in: 0..<8, using: &random)
            try await crashed.meet(
                """
                byte=$(od -An -tu1 -j\(place) -N1 millpond.db) \
                && printf "\\\\x$(printf %x $((byte ^ \(bit))))" \
                | dd of=millpond.db bs=1 seek=\(place) conv=notrunc
                """, "bit \(bit) of byte \(place)",
                expecting: .counted(mayRefuse: place == 62 || place == 63))
        }
    }

    @Test(arguments: [
        ("the log is gone", "rm millpond.db-wal"),
        ("an older log", "cp ../older/millpond.db-wal ."),
        ("an older log, of another turn", "cp ../first/millpond.db-wal ."),
        ("an older database, without a log", "cp ../first/millpond.db . && rm millpond.db-wal"),
        ("an older database, with its log", "cp ../first/millpond.db* ."),
        ("an older database beside a newer log", "cp ../first/millpond.db ."),
        ("an older mark", "cp ../older/millpond.mark ."),
        ("all of an older time but the mark", "cp ../older/millpond.db* ."),
        (
            "database and log exchanged",
            "mv millpond.db x; mv millpond.db-wal millpond.db; mv x millpond.db-wal"
        ),
        (
            "no mark, and rot in the log",
            "rm millpond.mark && printf 'Z' | dd of=millpond.db-wal bs=1 seek=700 conv=notrunc"
        ),
    ])
    func `files in one another's place`(name: String, script: String) async throws {
        let crashed = try await Crashed(try Scratch(in: "/dev/shm"))
        try await crashed.meet(script, name, expecting: .counted(mayRefuse: false))
    }

    /// Where the mark is gone together with what it could tell of, nobody knows what there was:
    /// that much is told.
    @Test(arguments: [
        ("database and mark", "for f in db mark; do head -c 900 /dev/urandom > millpond.$f; done"),
        (
            "database and mark, exchanged",
            "mv millpond.db x; mv millpond.mark millpond.db; mv x millpond.mark"
        ),
        ("log and mark", "rm millpond.db-wal millpond.mark"),
    ])
    func `what the mark cannot tell of is told as unknown`(name: String, script: String)
        async throws
    {
        let crashed = try await Crashed(try Scratch(in: "/dev/shm"))
        try await crashed.meet(script, name, expecting: .unknown)
    }
}
