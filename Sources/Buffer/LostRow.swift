// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// A range that is lost, as it is stored.
struct LostRow: Equatable {
    var from: Int64
    var to: Int64
    var records: Int
    var first: Timestamp
    var last: Timestamp
    var reason: LossReason

    /// Whether `next` goes on where this ends, for the same reason.
    func continues(with next: LostRow) -> Bool {
        next.from == to + 1 && next.reason == reason
    }

    /// Of two reasons a loss is told before what was acknowledged, and of two losses the one that has
    /// cost more.
    mutating func append(_ next: LostRow) {
        to = next.to
        let isGraver = next.reason != .acknowledged && next.records > records
        if reason == .acknowledged || isGraver { reason = next.reason }
        records += next.records
        first = min(first, next.first)
        last = max(last, next.last)
    }

    func range(_ epoch: Epoch) -> LostRange {
        LostRange(
            from: Cursor(epoch: epoch, sequence: from), to: Cursor(epoch: epoch, sequence: to),
            records: records, first: first, last: last, reason: reason)
    }
}

extension LostRow {
    /// As a page holds it; `nil` for any other row.
    init?(_ record: StoredRecord, rowid: Int64) {
        guard record.columns.count == 6, case .null = record.columns[0],
            let to = record.integer(1), let records = record.integer(2),
            let first = record.integer(3), let last = record.integer(4),
            let reason = record.text(5).flatMap(LossReason.init), to >= rowid, records >= 0
        else { return nil }
        self.init(
            from: rowid, to: to, records: Int(records), first: Timestamp(milliseconds: first),
            last: Timestamp(milliseconds: last), reason: reason)
    }
}

extension Stream.Row {
    /// This batch as a range that cannot be read.
    func asLost(_ reason: LossReason) -> LostRow {
        LostRow(
            from: sequence, to: sequence, records: records, first: first, last: last,
            reason: reason)
    }

    /// Sequences before this one of which the database says nothing: damage that took whole rows.
    /// How many records they had is not known.
    func unaccounted(after before: Int64) -> LostRow {
        LostRow(
            from: before + 1, to: sequence - 1, records: 0, first: first, last: first,
            reason: .corruption)
    }
}
