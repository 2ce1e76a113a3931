// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment

/// Whether the wall clock can be believed, as adjtimex(2) sees it.
package enum ClockState: String, CaseIterable, Sendable { case synced, unsynced, stepped }

/// What is said of a batch beside its records.
package struct BatchHead: Hashable, Sendable {
    /// Its place in the stream.
    package var cursor: Cursor
    /// Who sealed it.
    package var gateway: String
    /// Where the gateway stands.
    package var site: String?
    /// When it was sealed.
    package var sealed: Timestamp
    /// How many it holds, of all kinds.
    package var records: Int
    /// Whether its stamps can be believed.
    package var clock: ClockState
    /// The kernel's boot id.
    package var boot: String
    /// By the clock of that boot: a time before which none of the records was gathered, and the
    /// sealing. `nil` where it is not known, as in format 2.
    package var monotonic: ClosedRange<Uptime>?
    /// The sequences of this epoch whose batches it stands for, if it was made of older ones.
    package var condensed: ClosedRange<Int64>?
    /// What it was before its database was damaged, if it was saved from there.
    package var salvaged: Cursor?
    /// SHA-256 over the record lines as NDJSON gives them, 64 hex digits.
    package var sha256: String

    package init(
        cursor: Cursor, gateway: String, site: String?, sealed: Timestamp, records: Int,
        clock: ClockState, boot: String, monotonic: ClosedRange<Uptime>? = nil,
        condensed: ClosedRange<Int64>? = nil, salvaged: Cursor? = nil, sha256: String
    ) {
        self.cursor = cursor
        self.gateway = gateway
        self.site = site
        self.sealed = sealed
        self.records = records
        self.clock = clock
        self.boot = boot
        self.monotonic = monotonic
        self.condensed = condensed
        self.salvaged = salvaged
        self.sha256 = sha256
    }
}

/// A sealed batch: immutable, read back byte for byte the same for ever.
package struct Batch: Sendable {
    /// What stands before its records.
    package let head: BatchHead
    let columns: Columns

    init(head: BatchHead, columns: Columns) {
        self.head = head
        self.columns = columns
    }

    /// How many of its records are readings.
    package var readings: Int { columns.readingCount }

    /// The earliest and the latest time of its records; `nil` if it has none.
    package var times: ClosedRange<Timestamp>? {
        let times = columns.runs.lazy.map(\.time)
        guard let first = times.min(), let last = times.max() else { return nil }
        return Timestamp(milliseconds: first)...Timestamp(milliseconds: last)
    }

    /// The records, in order. Their signals are objects of this call, and have no role.
    package var records: [Record] { columns.records() }

    /// Appends the batch line and the record lines, as NDJSON.
    package func appendNDJSON(to output: inout [UInt8]) {
        output += BatchLine.bytes(of: head)
        RecordLines(columns, end: UInt8(ascii: "\n")).append(to: &output)
    }

    /// Appends the batch line's object with its `records` instead of their number, as JSON.
    package func appendJSON(to output: inout [UInt8]) {
        var object = JSONText()
        object.object { json in
            BatchLine.members(of: head, records: nil, to: &json)
            json.array("records") { _ in }
        }
        output += object.bytes.dropLast(2)
        RecordLines(columns, end: UInt8(ascii: ",")).append(to: &output)
        if output.last == UInt8(ascii: ",") { output.removeLast() }
        output += "]}".utf8
    }

    /// Appends the readings as CSV rows (RFC 4180, CRLF), without a header.
    package func appendCSV(to output: inout [UInt8]) {
        CSVRows(columns, cursor: head.cursor).append(to: &output)
    }

    /// The columns of `appendCSV`, with its line end.
    package static let csvHeader = "time,equipment,signal,value,unit,quality,reason,cursor\r\n"
}

/// The line that stands before a batch's records.
enum BatchLine {
    /// The line, with its newline.
    static func bytes(of head: BatchHead) -> [UInt8] {
        var line = JSONText()
        line.object { json in members(of: head, records: head.records, to: &json) }
        line.endLine()
        return line.bytes
    }

    /// `records` is their number, `nil` where the records themselves follow.
    static func members(of head: BatchHead, records: Int?, to json: inout JSONText) {
        json.member("type", "batch")
        json.member("cursor", head.cursor)
        json.member("gateway", head.gateway)
        json.member("site", ifAny: head.site)
        json.member("sealed", head.sealed)
        json.member("records", ifAny: records)
        json.member("clock", head.clock.rawValue)
        json.member("boot", head.boot)
        if let monotonic = head.monotonic {
            json.object("monotonic") { json in
                json.member("first", monotonic.lowerBound.milliseconds)
                json.member("sealed", monotonic.upperBound.milliseconds)
            }
        }
        if let condensed = head.condensed {
            let epoch = head.cursor.epoch
            json.object("condensed") { json in
                json.member("from", Cursor(epoch: epoch, sequence: condensed.lowerBound))
                json.member("to", Cursor(epoch: epoch, sequence: condensed.upperBound))
            }
        }
        json.member("salvaged", ifAny: head.salvaged)
        json.member("sha256", head.sha256)
    }
}
