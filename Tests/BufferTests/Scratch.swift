// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment
import Glibc
import Testing

/// A directory of its own for a test, removed once its books are audited.
final class Scratch: Sendable {
    let path: String

    /// In memory, `/dev/shm`, where nothing is asked of the disk but its bytes.
    init(in parent: String = "/tmp") throws {
        path = "\(parent)/millpond-buffer-\(UInt64.random(in: 0...UInt64.max))"
        try #require(mkdir(path, 0o700) == 0)
        Books.atEnd { withExtendedLifetime(self) {} }
    }

    deinit { system("rm -rf '\(path)'") }

    func settings(limit: Int = 64 << 20, keep: Duration = .seconds(86_400)) -> BatchBuffer.Settings
    {
        BatchBuffer.Settings(
            directory: path + "/buffer", gateway: "edge-07", site: "suzhou-2", limit: limit,
            keepAcknowledged: keep)
    }
}

extension BatchBuffer {
    /// Seals the records, and writes down in the test's books that it was answered.
    @discardableResult
    func seal(
        _ records: Records, at time: Timestamp = .start, losses: [Loss] = []
    ) async throws(BufferError) -> BatchHead {
        let head = try await seal(
            records, sealed: time, monotonic: .at(time), clock: .synced, losses: losses)
        Books.note(head, losses: losses, in: directory)
        return head
    }

    @discardableResult
    func seal(
        _ records: [Record], at time: Timestamp = .start, losses: [Loss] = []
    ) async throws(BufferError) -> BatchHead {
        try await seal(Records(records), at: time, losses: losses)
    }

    @discardableResult
    func seal(_ count: Int, at time: Timestamp = .start) async throws(BufferError) -> BatchHead {
        try await seal((0..<count).map { reading($0, at: time) }, at: time)
    }

    func everything(after position: Position = .earliest) async throws -> Page {
        try await read(after: position, limit: 100_000, maxBytes: .max)
    }
}

extension Page {
    var batches: [Batch] {
        items.compactMap { item in if case .batch(let batch) = item { batch } else { nil } }
    }

    var lost: [LostRange] {
        items.compactMap { item in if case .lost(let range) = item { range } else { nil } }
    }

    /// All sequences that the page accounts for, in its order.
    var sequences: [Int64] {
        items.flatMap { item -> [Int64] in
            switch item {
            case .batch(let batch): [batch.head.cursor.sequence]
            case .lost(let range): Array(range.from.sequence...range.to.sequence)
            case .epoch: []
            }
        }
    }

    /// Records that can be read, and records that are lost.
    var counts: (read: Int, lost: Int) {
        (batches.reduce(0) { $0 + $1.head.records }, lost.reduce(0) { $0 + $1.records })
    }
}

/// What a shell command prints.
func shell(_ command: String) throws -> String {
    let pipe = try #require(popen(command, "r"))
    defer { pclose(pipe) }
    var output: [UInt8] = []
    var byte: UInt8 = 0
    while fread(&byte, 1, 1, pipe) == 1 { output.append(byte) }
    return String(decoding: output, as: UTF8.self)
}

func write(_ bytes: [UInt8], to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    try #require(file >= 0)
    defer { close(file) }
    try #require(Glibc.write(file, bytes, bytes.count) == bytes.count)
}
