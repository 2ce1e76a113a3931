// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment
import Foundation
import Testing

@testable import Acquisition
@testable import Plant

/// A buffer in a directory of its own, which goes when it does, once its books are audited.
final class TemporaryBuffer: Sendable {
    let buffer: BatchBuffer
    private let directory: String

    init() throws {
        directory = NSTemporaryDirectory() + "millpond-acquisition-\(UUID().uuidString)"
        buffer = try BatchBuffer(
            BatchBuffer.Settings(
                directory: directory, gateway: "test", site: nil, limit: 1 << 30,
                keepAcknowledged: .zero))
        Books.atEnd { await self.buffer.close() }
    }

    /// What has produced records for it, to be asked when all is over: all but those that wait.
    func produced(_ status: @escaping @Sendable () -> AcquisitionStatus) {
        Books.count(in: directory) {
            let status = status()
            return status.produced - status.waiting
        }
    }

    deinit {
        // Best effort: the system clears its temporary directory as well.
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// All batches so far, and what is lost between them.
    func contents() async throws -> (batches: [Batch], lost: Int) {
        let page = try await buffer.read(after: .earliest, limit: 10_000, maxBytes: 1 << 30)
        var batches: [Batch] = []
        var lost = 0
        for item in page.items {
            switch item {
            case .batch(let batch): batches.append(batch)
            case .lost(let range): lost += range.records
            case .epoch: Issue.record("a new buffer has one epoch")
            }
        }
        return (batches, lost)
    }

    /// Everything that was sealed, in the order of the stream.
    func records() async throws -> [Record] {
        try await contents().batches.flatMap(\.records)
    }
}

extension [Record] {
    func contents(of name: String) -> [Reading.Content] {
        compactMap { record in
            guard case .reading(let reading) = record, reading.signal.name == name else {
                return nil
            }
            return reading.content
        }
    }

    /// The kinds of the notes and conditions among them.
    var words: [String] {
        compactMap { record in
            switch record {
            case .reading: nil
            case .health(let entry), .note(let entry), .summary(let entry):
                ["started", "stopped", "clock-step", #""to":"active""#, #""to":"inactive""#]
                    .first { entry.line.contains($0) }
            }
        }
    }
}
