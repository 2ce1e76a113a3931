// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

/// Damage of every kind, at places from a seed, in each file of a crashed buffer: it opens, and
/// every record is read or told as lost.
@Suite(.conserving) struct RotTests {
    private static let kinds = [
        "flip": "printf '\\x5a' | dd of=%f bs=1 seek=%p conv=notrunc",
        "zeros": "dd if=/dev/zero of=%f bs=1 seek=%p count=512 conv=notrunc",
        "noise": "dd if=/dev/urandom of=%f bs=1 seek=%p count=700 conv=notrunc",
        "cut": "truncate -s %p %f", "gone": "rm %f", "empty": ": > %f",
    ]

    @Test(arguments: ["millpond.db", "millpond.db-wal", "millpond.mark"])
    func `whatever is damaged, every record is accounted for`(file: String) async throws {
        let scratch = try Scratch()
        let settings = scratch.settings()
        let first = try BatchBuffer(settings)
        for count in 1...3 { try await first.seal(count, at: .start + count) }
        await first.close()
        let second = try BatchBuffer(settings)
        for count in 4...6 { try await second.seal(count, at: .start + count) }
        let path = scratch.path
        _ = try shell("cp -r '\(settings.directory)' '\(path)/before'")
        await second.close()
        let size = BufferDirectory.size(of: "\(path)/before/\(file)")
        var random = Seeded(4)
        for (name, kind) in Self.kinds.sorted(by: { $0.key < $1.key }) {
            for _ in 0..<(name == "gone" || name == "empty" ? 1 : 12) {
                let place = Int.random(in: 0..<min(size, 12_000), using: &random)
                let damage = kind.replacing("%f", with: file).replacing("%p", with: "\(place)")
                _ = try shell(
                    """
                    cd '\(path)' && rm -rf buffer && cp -r before buffer && cd buffer \
                    && (\(damage)) 2>&1
                    """)
                let buffer: BatchBuffer
                do { buffer = try BatchBuffer(settings) } catch {
                    // A newer schema is what a flipped version looks like: it is left alone.
                    guard case .unusable(_, .newerSchema) = error else {
                        Issue.record("\(name) at \(place): \(error)")
                        continue
                    }
                    continue
                }
                let page = try await buffer.allPages()
                let counts = page.counts
                // The records of a row that its tree has lost nobody knows; its sequence is told.
                #expect(
                    page.lost.isEmpty || file == "millpond.db"
                        ? counts.read + counts.lost <= 21 : counts.read + counts.lost == 21,
                    "\(name) at \(place): \(page.lost)")
                #expect(!page.lost.isEmpty || counts.read == 21, "\(name) at \(place)")
                #expect(page.sequences == Array(1...Int64(page.sequences.count)))
                await buffer.close()
            }
        }
        _ = try shell("cd '\(path)' && rm -rf buffer && cp -r before buffer")
    }
}
