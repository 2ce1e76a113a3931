// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment

/// Records that were produced and could not be kept.
package struct Loss: Hashable, Sendable {
    /// How many.
    package var records: Int
    /// The earliest time of them.
    package var first: Timestamp
    /// The latest time of them.
    package var last: Timestamp
    /// Why.
    package var reason: LossReason

    package init(records: Int, first: Timestamp, last: Timestamp, reason: LossReason) {
        self.records = records
        self.first = first
        self.last = last
        self.reason = reason
    }
}

/// Why the stream no longer holds a range.
package enum LossReason: String, CaseIterable, Sendable {
    /// The limit took the oldest. Its transitions of health are not among the records that are lost:
    /// they are further on in the stream, in a batch whose line says `condensed`; unless there was
    /// nothing but transitions left.
    case bufferLimit = "buffer-limit"
    /// The limit took the oldest, and good readings became summaries of five minutes, which are
    /// further on in the stream with all the other records, in a batch whose line says `condensed`.
    /// Lost are the readings, one by one: the counts of the summaries add up to them.
    case thinned
    /// The disk had no room for as much as the limit allows, and took the oldest.
    case diskFull = "disk-full"
    /// It could not be written, and memory for waiting records ran out.
    case notStored = "not-stored"
    /// The stored bytes do not check.
    case corruption
    /// Removed after every consumer had acknowledged it: a gap only for a reader who asks for it
    /// afterwards, and no loss of the gateway's.
    case acknowledged
}

/// A range of sequences that the stream no longer holds, both ends included.
package struct LostRange: Hashable, Sendable {
    /// The first that is gone.
    package var from: Cursor
    /// The last that is gone.
    package var to: Cursor
    /// How many records were in them; 0 where nobody knows any more.
    package var records: Int
    /// The earliest time of them.
    package var first: Timestamp
    /// The latest time of them.
    package var last: Timestamp
    /// Why they are gone.
    package var reason: LossReason

    package init(
        from: Cursor, to: Cursor, records: Int, first: Timestamp, last: Timestamp,
        reason: LossReason
    ) {
        self.from = from
        self.to = to
        self.records = records
        self.first = first
        self.last = last
        self.reason = reason
    }
}
