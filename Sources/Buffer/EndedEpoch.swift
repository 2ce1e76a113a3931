// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment

/// An epoch before the present one, and why it is over.
package struct EndedEpoch: Hashable, Sendable {
    /// Which one.
    package var epoch: Epoch
    /// Its newest sequence, as far as it is known.
    package var newest: Int64
    /// Why it is over.
    package var reason: Reason
    /// When its newest batch was sealed: nothing later is known of it.
    package var time: Timestamp
    /// The earliest time of what it kept; `time` where nobody knows.
    package var first: Timestamp
    /// Records of it that are neither salvaged nor told of as lost yet.
    package var owed: Int64
    /// Its sequences up to here have been looked for, and brought back where they were found.
    package var salvaged: Int64 = 0
    /// A digest of who read it (`ConsumerRow`); `nil` where nobody knows.
    var readers: UInt32?

    /// Of which nothing has been salvaged yet.
    package init(epoch: Epoch, newest: Int64, reason: Reason, time: Timestamp, owed: Int64) {
        self.epoch = epoch
        self.newest = newest
        self.reason = reason
        self.time = time
        first = time
        self.owed = owed
    }

    /// Why a stream goes on in another epoch; `replaced` where nobody knows any more.
    package enum Reason: String, CaseIterable, Sendable {
        /// Its database was damaged, and lies in quarantine.
        case corruption
        /// Its database was gone.
        case missing
        /// Another database was put in its place.
        case replaced
    }
}

extension Stream {
    /// The epochs before this one, in no order; none in schema 1.
    func ended() throws(BufferError) -> [EndedEpoch] {
        guard hasTally else { return [] }
        var epochs: [EndedEpoch] = []
        // The first databases of schema 2 did not say.
        let hasFirst =
            try database.first(
                "SELECT 1 FROM pragma_table_info('ended') WHERE name = 'first_ms'"
            ) { (_: borrowing Database.Row) in true } ?? false
        try database.rows(
            """
            SELECT epoch, newest, reason, ended_ms, owed, salvaged, readers,
                \(hasFirst ? "first_ms" : "ended_ms") FROM ended
            """
        ) { (row: borrowing Database.Row) throws(BufferError) in
            guard let epoch = Epoch(row.text(0)) else { return true }
            var ended = EndedEpoch(
                epoch: epoch, newest: try row.quantity(1),
                reason: EndedEpoch.Reason(rawValue: row.text(2)) ?? .replaced,
                time: Timestamp(milliseconds: row.integer(3)), owed: try row.quantity(4))
            ended.salvaged = try row.quantity(5)
            ended.readers = row.ifAny(6).flatMap(UInt32.init(exactly:))
            ended.first = Timestamp(milliseconds: row.integer(7))
            epochs.append(ended)
            return true
        }
        return epochs
    }

    /// What came and what is kept; `nil` in schema 1, and where the row is gone.
    func tally() throws(BufferError) -> Tally? {
        guard hasTally else { return nil }
        return try database.first("SELECT produced, kept FROM tally") {
            (row: borrowing Database.Row) throws(BufferError) in
            Tally(produced: try row.quantity(0), kept: try row.quantity(1))
        }
    }
}
