// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

// The head and the entries of a batch's content.

extension ByteWriter {
    mutating func head(_ head: BatchHead, digest: [UInt8]) {
        precondition(digest.count == Digest.length, "a SHA-256 digest has 32 bytes")
        count(Int(head.cursor.sequence))
        text(head.cursor.epoch.text)
        signed(head.sealed.milliseconds)
        bytes.append(head.clock.code)
        text(head.boot)
        text(head.gateway)
        optionalText(head.site)
        bytes += digest
    }

    mutating func origin(_ head: BatchHead) {
        bytes.append(
            (head.monotonic == nil ? 0 : Origin.monotonic)
                | (head.condensed == nil ? 0 : Origin.condensed)
                | (head.salvaged == nil ? 0 : Origin.salvaged))
        if let monotonic = head.monotonic {
            let (first, sealed) = (monotonic.lowerBound, monotonic.upperBound)
            signed(first.milliseconds)
            varint(UInt64(bitPattern: sealed.milliseconds &- first.milliseconds))
        }
        if let condensed = head.condensed {
            varint(UInt64(condensed.lowerBound))
            varint(UInt64(condensed.upperBound - condensed.lowerBound))
        }
        if let salvaged = head.salvaged {
            varint(UInt64(salvaged.sequence))
            text(salvaged.epoch.text)
        }
    }

    mutating func entries(_ entries: [Columns.EntryRecord]) {
        for record in entries {
            bytes.append(record.kind.rawValue)
            optionalText(record.entry.equipment)
            text(record.entry.line)
        }
    }

    mutating func optionalText(_ text: String?) {
        bytes.append(text == nil ? 0 : 1)
        if let text { self.text(text) }
    }
}

extension ByteReader {
    /// All but `records`, which follows from the content.
    mutating func head() throws(Damage) -> BatchHead {
        let sequence = try sequence()
        let epoch = try Epoch(text())
        let sealed = try Timestamp(milliseconds: signed())
        let clock = try ClockState(code: byte())
        guard let epoch, let clock else { throw .content }
        let boot = try text()
        let gateway = try text()
        let site = try optionalText()
        let digest = try take(Digest.length)
        return BatchHead(
            cursor: Cursor(epoch: epoch, sequence: sequence), gateway: gateway, site: site,
            sealed: sealed, records: 0, clock: clock, boot: boot,
            sha256: Digest.hex(Array(digest)))
    }

    mutating func origin(_ head: inout BatchHead) throws(Damage) {
        let parts = try byte()
        guard parts <= Origin.all else { throw .content }
        if parts & Origin.monotonic != 0 {
            let (first, sealed) = try range(from: signed())
            head.monotonic = Uptime(milliseconds: first)...Uptime(milliseconds: sealed)
        }
        if parts & Origin.condensed != 0 {
            let (first, last) = try range(from: sequence())
            head.condensed = first...last
        }
        if parts & Origin.salvaged != 0 {
            let sequence = try sequence()
            guard let epoch = try Epoch(text()) else { throw .content }
            head.salvaged = Cursor(epoch: epoch, sequence: sequence)
        }
    }

    /// A sequence that a batch can have.
    private mutating func sequence() throws(Damage) -> Int64 {
        guard let sequence = Int64(exactly: try varint()), sequence > 0 else { throw .content }
        return sequence
    }

    /// Both ends of a range that is written as its first and its length.
    private mutating func range(from first: Int64) throws(Damage) -> (first: Int64, last: Int64) {
        guard let length = Int64(exactly: try varint()) else { throw .content }
        let (last, isTooFar) = first.addingReportingOverflow(length)
        guard !isTooFar else { throw .content }
        return (first, last)
    }

    mutating func entries(_ columns: inout Columns, count: Int) throws(Damage) {
        let times = columns.runs.lazy.filter { $0.shape == Columns.Run.entry }.map(\.time)
        guard times.count == count else { throw .content }
        for time in Array(times) {
            guard let kind = Columns.EntryRecord.Kind(rawValue: try byte()) else {
                throw .content
            }
            let entry = Entry(
                time: Timestamp(milliseconds: time), equipment: try optionalText(),
                line: try text())
            guard entry.isOneLine else { throw .content }
            columns.entries.append(Columns.EntryRecord(kind: kind, entry: entry))
        }
    }

    mutating func optionalText() throws(Damage) -> String? {
        switch try byte() {
        case 0: nil
        case 1: try text()
        default: throw .content
        }
    }
}

/// Which of its optional parts an origin has.
private enum Origin {
    static let monotonic: UInt8 = 1
    static let condensed: UInt8 = 2
    static let salvaged: UInt8 = 4
    static let all: UInt8 = 7
}

extension ClockState {
    fileprivate var code: UInt8 {
        switch self {
        case .synced: 0
        case .unsynced: 1
        case .stepped: 2
        }
    }

    fileprivate init?(code: UInt8) {
        switch code {
        case 0: self = .synced
        case 1: self = .unsynced
        case 2: self = .stepped
        default: return nil
        }
    }
}
