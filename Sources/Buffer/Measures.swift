// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

extension Stream {
    /// The buffer as it stands, with what it may have.
    func state(_ quota: Quota) throws(BufferError) -> BufferState {
        let newestSequence = try newest()
        let bytes = try usedPages() * database.pragma("page_size")
        let lost = try database.first(
            """
            SELECT total(records) FILTER (WHERE reason <> ?),
                   total(records) FILTER (WHERE reason = ?),
                   total(records) FILTER (WHERE reason = ?),
                   total(records) FILTER (WHERE reason = ?) FROM lost
            """,
            .text(LossReason.acknowledged.rawValue), .text(LossReason.bufferLimit.rawValue),
            .text(LossReason.diskFull.rawValue), .text(LossReason.thinned.rawValue)
        ) { (all: $0.count(0), toLimit: $0.count(1), toDisk: $0.count(2), thinned: $0.count(3)) }
        var state = BufferState(
            epoch: epoch, oldest: newestSequence + 1, newest: newestSequence, batches: 0,
            readings: 0, bytes: bytes, limit: quota.limit, oldestSealed: nil, newestSealed: nil,
            lostRecords: lost?.all ?? 0)
        state.lostToLimit = lost?.toLimit ?? 0
        state.thinned = lost?.thinned ?? 0
        state.lostToDisk = lost?.toDisk ?? 0
        state.quota = quota.bytes
        state.isPressedByDisk = quota.isPressed
        guard let oldest = try oldest(), let newest = try newestBatch() else { return state }
        state.oldest = oldest.sequence
        state.oldestSealed = oldest.sealed
        state.newestSealed = newest.sealed
        state.batches = try batches(from: oldest.sequence, to: newest.sequence)
        state.readings = Int(newest.totalReadings - oldest.totalReadings) + oldest.readings
        state.pace = Pace(try newestBatches(), pageSize: try database.pragma("page_size"))
        if let pace = state.pace, pace.bytes > 0, quota.bytes > 0 {
            state.holds = .seconds(Double(Retention.capacity(quota.bytes)) / pace.bytes)
        }
        return state
    }

    /// Pages of the database that are not free.
    func usedPages() throws(BufferError) -> Int {
        try database.pragma("page_count") - database.pragma("freelist_count")
    }

    /// The newest batches, as many as tell how fast the buffer fills, the newest first.
    private func newestBatches() throws(BufferError) -> [Row] {
        var sequences: [Int64] = []
        try database.rows(
            "SELECT seq FROM batch ORDER BY seq DESC LIMIT ?", .integer(Int64(Pace.batches) + 1)
        ) { row in
            sequences.append(row.integer(0))
            return true
        }
        var rows: [Row] = []
        for sequence in sequences {
            if let row = try oldest(after: sequence - 1) { rows.append(row) }
        }
        return rows
    }
}
