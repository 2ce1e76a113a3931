// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment

/// The buffer as it stands now.
package struct BufferState: Hashable, Sendable {
    /// The epoch of the stream.
    package var epoch: Epoch
    /// The sequence of the oldest batch kept, `newest + 1` if there is none. Older ones that hold
    /// transitions alone, and stay when others go for want of room, are not looked at.
    package var oldest: Int64
    /// The newest sequence, 0 in a new buffer.
    package var newest: Int64
    /// Batches kept.
    package var batches: Int
    /// Readings in them.
    package var readings: Int
    /// Bytes of the database in use.
    package var bytes: Int
    /// Bytes that the database may take.
    package var limit: Int
    /// When that was sealed; `nil` if there is none.
    package var oldestSealed: Timestamp?
    /// When the newest batch kept was sealed; `nil` if there is none.
    package var newestSealed: Timestamp?
    /// Records that the stream says are lost, since the epoch began; what was removed after it
    /// had been acknowledged is not among them.
    package var lostRecords: Int
    /// Records that the stream no longer holds, by the reason that it gives.
    package var lost: [LossReason: Int] = [:]
    /// Those of them that the limit took.
    package var lostToLimit: Int { lost[.bufferLimit] ?? 0 }
    /// Those of them of which summaries are left.
    package var thinned: Int { lost[.thinned] ?? 0 }
    /// Those of them that went because the disk had no room for as much as the limit allows.
    package var lostToDisk: Int { lost[.diskFull] ?? 0 }
    /// Records of epochs before this one that lie in quarantine: they will be brought back, or told
    /// as lost.
    package var owedRecords = 0
    /// How far the check of what is stored is.
    package var scrub = ScrubProgress()
    /// Bytes that the database may take now: `limit`, or less where the disk has less.
    package var quota: Int
    /// Bytes of a page of the database.
    package var pageSize = Store.pageSize
    /// Whether the disk, and not the limit, says how much the database may take. What is sealed is
    /// on disk all the same, and what goes for it is recorded.
    package var isPressedByDisk = false
    /// Over the newest batches, up to five minutes; `nil` before there are two.
    package var pace: Pace?
    /// How long a reader may stay away before the limit takes what it has not read, at the
    /// present rate and size of readings; `nil` while the rate is unknown or zero.
    package var holds: Duration?

    package init(
        epoch: Epoch, oldest: Int64, newest: Int64, batches: Int, readings: Int, bytes: Int,
        limit: Int, oldestSealed: Timestamp?, newestSealed: Timestamp?, lostRecords: Int,
        pace: Pace? = nil, holds: Duration? = nil
    ) {
        self.epoch = epoch
        self.oldest = oldest
        self.newest = newest
        self.batches = batches
        self.readings = readings
        self.bytes = bytes
        self.limit = limit
        quota = limit
        self.oldestSealed = oldestSealed
        self.newestSealed = newestSealed
        self.lostRecords = lostRecords
        self.pace = pace
        self.holds = holds
    }
}
