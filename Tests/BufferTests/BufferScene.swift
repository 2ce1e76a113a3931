// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization
import Testing

@testable import Buffer

/// A buffer's directory that a test damages, and what the buffer tells when it is opened again.
struct BufferScene {
    let scratch: Scratch
    let settings: BatchBuffer.Settings
    let events = Events()
    var directory: BufferDirectory { BufferDirectory(path: settings.directory) }

    init() throws {
        scratch = try Scratch()
        settings = scratch.settings()
    }

    /// As it is; what it tells is in `events`.
    func open() throws -> BatchBuffer {
        try BatchBuffer(settings) { [events] event in events.add(event) }
    }

    /// Six batches of 1 to 6 records, of which the last three are in the log alone; as a crash leaves
    /// it.
    func crash() async throws -> Epoch {
        let buffer = try BatchBuffer(settings)
        let epoch = buffer.epoch
        try await buffer.register("mes", start: .earliest)
        for count in 1...3 { try await buffer.seal(count, at: .start + count) }
        await buffer.close()
        let again = try BatchBuffer(settings)
        for count in 4...6 { try await again.seal(count, at: .start + count) }
        let copy = scratch.path + "/crashed"
        _ = try shell("cp -r '\(settings.directory)' '\(copy)'")
        await again.close()
        _ = try shell("rm -rf '\(settings.directory)' && mv '\(copy)' '\(settings.directory)'")
        return epoch
    }
}

extension BatchBuffer {
    /// All that the stream has, what is lost behind the newest batch included.
    func allPages() async throws -> Page {
        var all = try await everything()
        while all.more {
            let next = try await everything(after: .after(all.next))
            all = Page(items: all.items + next.items, next: next.next, more: next.more)
        }
        return all
    }
}

/// What a buffer has told.
final class Events: Sendable {
    private let told = Mutex<[BufferEvent]>([])

    var all: [BufferEvent] { told.withLock(\.self) }

    func add(_ event: BufferEvent) { told.withLock { $0.append(event) } }
}
