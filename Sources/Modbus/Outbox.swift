// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Bytes on their way to one client, each piece at its time. Pure: `now` comes in.
struct Outbox {
    /// As much as a UART's buffer hands over at once.
    private static let piece = 16

    private struct Parcel {
        let due: ContinuousClock.Instant
        let bytes: [UInt8]
    }

    private var parcels: [Parcel] = []
    /// A device answers in order: nothing of a unit leaves before what it owed earlier.
    private var last: [UInt8: ContinuousClock.Instant] = [:]

    /// When the next piece is due.
    var next: ContinuousClock.Instant? { parcels.first?.due }

    /// Sends `bytes` of `unit` from `start` on, all at once or each so long after the one before.
    mutating func add(
        _ bytes: [UInt8], unit: UInt8, from start: ContinuousClock.Instant, spacing: Duration?
    ) {
        var due = max(start, last[unit] ?? start)
        let size = spacing.map { $0 < .milliseconds(5) ? Self.piece : 1 } ?? max(bytes.count, 1)
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(size))
            due += (spacing ?? .zero) * piece.count
            parcels.append(Parcel(due: due, bytes: piece))
            rest = rest.dropFirst(size)
        }
        last[unit] = due
        parcels.sort { $0.due < $1.due }
    }

    /// What is due by now, in order.
    mutating func take(at now: ContinuousClock.Instant) -> [UInt8] {
        let due = parcels.prefix { $0.due <= now }
        parcels.removeFirst(due.count)
        return due.flatMap(\.bytes)
    }
}
