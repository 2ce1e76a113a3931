// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

/// Batches of 1.1 MB of transitions and of 0.1 MB of readings, none of which compresses.
struct NoisyPlant {
    private var random = Seeded(9)
    private let transitions: Records
    private(set) var produced = 0

    init() {
        var random = random
        let lines = (0..<12).map { _ in
            let bytes = (0..<15_000).flatMap { _ in
                withUnsafeBytes(of: random.next()) { $0.map { 48 + $0 & 63 } }
            }
            return #"{"x":"\#(String(decoding: bytes, as: UTF8.self).replacing("\\", with: "/"))"}"#
        }
        transitions = Records(
            lines.map { .health(Entry(time: .start, equipment: nil, line: $0)) })
    }

    mutating func sealTransitions(in buffer: BatchBuffer) async throws {
        try await seal(transitions, in: buffer)
    }

    mutating func sealReadings(in buffer: BatchBuffer) async throws {
        let records = (0..<12_500).map { _ in
            Record.reading(
                Reading(
                    signal: counter, time: .start,
                    content: .good(.number(Double.random(in: -1e6...1e6, using: &random)))))
        }
        try await seal(Records(records), in: buffer)
    }

    private mutating func seal(_ records: Records, in buffer: BatchBuffer) async throws {
        try await buffer.seal(records, at: .start + produced)
        produced += records.count
    }
}
