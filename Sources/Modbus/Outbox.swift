// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// How an answer's bytes follow each other.
enum Manner: Equatable {
    case atOnce
    /// One by one, each so long after the one before.
    case dripping(Duration)
    /// As from a UART, whose buffer hands over a few at once, each taking so long on the wire.
    case paced(Duration)

    /// Bytes that arrive together.
    func pieceSize(of count: Int) -> Int {
        switch self {
        case .atOnce: max(count, 1)
        case .dripping: 1
        case .paced: 16
        }
    }

    var spacing: Duration {
        switch self {
        case .atOnce: .zero
        case .dripping(let spacing), .paced(let spacing): spacing
        }
    }
}

/// Bytes on their way to one client, each piece at its time. Pure: `now` comes in.
struct Outbox {
    private struct Parcel {
        let due: ContinuousClock.Instant
        let bytes: [UInt8]
    }

    private var parcels: [Parcel] = []
    /// A device answers in order: nothing of a unit leaves before what it owed earlier.
    private var last: [UInt8: ContinuousClock.Instant] = [:]

    /// When the next piece is due.
    var next: ContinuousClock.Instant? { parcels.first?.due }

    /// Lets `bytes` of `unit` go from `start` on.
    mutating func add(
        _ bytes: [UInt8], unit: UInt8, from start: ContinuousClock.Instant, _ manner: Manner
    ) {
        var due = max(start, last[unit] ?? start)
        let size = manner.pieceSize(of: bytes.count)
        var rest = bytes[...]
        while !rest.isEmpty {
            due += manner.spacing * min(size, rest.count)
            parcels.append(Parcel(due: due, bytes: Array(rest.prefix(size))))
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
