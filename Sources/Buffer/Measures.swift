// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

extension Stream {
    /// The buffer as it stands, with what it may have.
    func state(_ quota: Quota) throws(BufferError) -> BufferState {
        let newestSequence = try newest()
        let bytes = try usedPages() * pageSize
        let lost = try lostRecords()
        var state = BufferState(
            epoch: epoch, oldest: newestSequence + 1, newest: newestSequence, batches: 0,
            readings: 0, bytes: bytes, limit: quota.limit, oldestSealed: nil, newestSealed: nil,
            lostRecords: lost.reduce(0) { $0 + ($1.key == .acknowledged ? 0 : $1.value) })
        state.lost = lost
        state.owedRecords = Int(try ended().reduce(0) { $0 + $1.owed })
        state.quota = quota.bytes
        state.isPressedByDisk = quota.isPressed
        state.pageSize = pageSize
        guard let first = try oldest(), let newest = try newestBatch() else { return state }
        let oldest = try oldest(after: try pressed()) ?? first
        state.oldest = oldest.sequence
        state.oldestSealed = oldest.sealed
        state.newestSealed = newest.sealed
        state.batches = try batches(from: first.sequence, to: newest.sequence)
        state.readings = try kept(after: 0).readings
        state.pace = Pace(try newestBatches(), pageSize: pageSize)
        if let pace = state.pace, pace.bytes > 0, quota.bytes > 0 {
            state.holds = .seconds(Double(state.capacity) / pace.bytes)
        }
        return state
    }

    /// Readings in the batches after a sequence, and their stored bytes: a difference of sums from
    /// where nothing has gone, and before that, batch by batch, the transitions that stay.
    func kept(after sequence: Int64) throws(BufferError) -> (readings: Int, bytes: Int) {
        let pressed = max(sequence, try pressed())
        let staying = try database.first(
            "SELECT total(length(payload)) FROM batch WHERE seq > ? AND seq <= ?",
            .integer(sequence), .integer(pressed)
        ) { $0.count(0) }
        guard let oldest = try oldest(after: pressed), let newest = try newestBatch() else {
            return (0, staying ?? 0)
        }
        return (
            Int(newest.totalReadings - oldest.totalReadings) + oldest.readings,
            Int(newest.totalBytes - oldest.totalBytes) + oldest.bytes + (staying ?? 0)
        )
    }

    /// Records that are told of as lost, by reason.
    func lostRecords() throws(BufferError) -> [LossReason: Int] {
        var lost: [LossReason: Int] = [:]
        try database.rows("SELECT reason, total(records) FROM lost GROUP BY reason") {
            (row: borrowing Database.Row) throws(BufferError) in
            let records = Int(try row.quantity(1))
            lost[LossReason(rawValue: row.text(0)) ?? .corruption, default: 0] += records
            return true
        }
        return lost
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
