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
        let sequence = try Int64(exactly: varint())
        let epoch = try Epoch(text())
        let sealed = try Timestamp(milliseconds: signed())
        let clock = try ClockState(code: byte())
        guard let sequence, sequence > 0, let epoch, let clock else { throw .content }
        let boot = try text()
        let gateway = try text()
        let site = try optionalText()
        let digest = try take(Digest.length)
        return BatchHead(
            cursor: Cursor(epoch: epoch, sequence: sequence), gateway: gateway, site: site,
            sealed: sealed, records: 0, clock: clock, boot: boot,
            sha256: Digest.hex(Array(digest)))
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
            guard !entry.line.utf8.contains(UInt8(ascii: "\n")) else { throw .content }
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
