// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// How an answer's bytes follow each other.
enum Manner: Equatable {
    case atOnce
    /// One by one, each so long after the one before.
    case dripping(Duration)
    /// The first half at once, the rest so much later.
    case halved(Duration)
    /// As from a UART, whose buffer hands over a few at once, each taking so long on the wire.
    case paced(Duration)

    /// What a UART's buffer hands over at once.
    private static let bufferSize = 16

    /// The bytes that arrive together, each with the wait before it.
    func pieces(of bytes: [UInt8]) -> [(bytes: ArraySlice<UInt8>, wait: Duration)] {
        switch self {
        case .atOnce: return [(bytes[...], .zero)]
        case .dripping(let spacing): return bytes.indices.map { (bytes[$0...$0], spacing) }
        case .halved(let spacing):
            let half = bytes.count / 2
            return [(bytes[..<half], .zero), (bytes[half...], spacing)]
        case .paced(let spacing):
            return stride(from: 0, to: bytes.count, by: Self.bufferSize).map { start in
                let piece = bytes[start...].prefix(Self.bufferSize)
                return (piece, spacing * piece.count)
            }
        }
    }
}

/// Bytes on their way to one client, each piece at its time. Pure: `now` comes in.
struct Outbox {
    /// Whether something waits for what its unit owed earlier.
    enum Order { case inTurn, overtaking }

    private struct Parcel {
        let due: ContinuousClock.Instant
        let bytes: ArraySlice<UInt8>
        var ending: Fault.Ending?
    }

    private var parcels: [Parcel] = []
    /// A device answers in order: nothing of a unit leaves before what it owed earlier.
    private var last: [UInt8: ContinuousClock.Instant] = [:]

    /// When the next piece is due.
    var next: ContinuousClock.Instant? { parcels.first?.due }

    /// Takes over what was on its way to another client, but not the end of its connection.
    mutating func adopt(_ other: Outbox) {
        parcels += other.parcels.filter { $0.ending == nil }
        parcels.sort { $0.due < $1.due }
    }

    /// Lets `bytes` of `unit` go from `start` on; `ending` comes with the last of them, even where
    /// there are none.
    mutating func add(
        _ bytes: [UInt8], unit: UInt8, from start: ContinuousClock.Instant, _ manner: Manner,
        _ order: Order = .inTurn, ending: Fault.Ending? = nil
    ) {
        var due = start
        if order == .inTurn { due = max(start, last[unit] ?? start) }
        for piece in manner.pieces(of: bytes) {
            due += piece.wait
            parcels.append(Parcel(due: due, bytes: piece.bytes))
        }
        if let ending { parcels.append(Parcel(due: due, bytes: [], ending: ending)) }
        if order == .inTurn { last[unit] = due }
        // The sort is stable: what was added first leaves first.
        parcels.sort { $0.due < $1.due }
    }

    /// What is due by now, in order, up to the first ending.
    mutating func take(
        at now: ContinuousClock.Instant
    ) -> (bytes: [UInt8], ending: Fault.Ending?) {
        var due = parcels.prefix { $0.due <= now }
        if let end = due.firstIndex(where: { $0.ending != nil }) { due = due[...end] }
        parcels.removeFirst(due.count)
        return (due.flatMap(\.bytes), due.last?.ending)
    }
}
