// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

extension Stream {
    /// The buffer as it stands, with what it may have.
    func state(_ quota: Quota) throws(BufferError) -> BufferState {
        let newestSequence = try newest()
        let bytes = try usedPages() * database.pragma("page_size")
        var lost: [LossReason: Int] = [:]
        try database.rows("SELECT reason, total(records) FROM lost GROUP BY reason") { row in
            lost[LossReason(rawValue: row.text(0)) ?? .corruption, default: 0] += row.count(1)
            return true
        }
        var state = BufferState(
            epoch: epoch, oldest: newestSequence + 1, newest: newestSequence, batches: 0,
            readings: 0, bytes: bytes, limit: quota.limit, oldestSealed: nil, newestSealed: nil,
            lostRecords: lost.reduce(0) { $0 + ($1.key == .acknowledged ? 0 : $1.value) })
        state.lost = lost
        state.owedRecords = Int(try ended().reduce(0) { $0 + $1.owed })
        state.quota = quota.bytes
        state.isPressedByDisk = quota.isPressed
        guard let oldest = try oldest(), let newest = try newestBatch() else { return state }
        state.oldest = oldest.sequence
        state.oldestSealed = oldest.sealed
        state.newestSealed = newest.sealed
        state.batches = try batches(from: oldest.sequence, to: newest.sequence)
        state.readings = Int(newest.totalReadings - oldest.totalReadings) + oldest.readings
        state.readingsPerSecond = try rate(upTo: newest)
        if let rate = state.readingsPerSecond, rate > 0, state.readings > 0 {
            let bytesPerReading = Double(bytes) / Double(state.readings)
            state.holds = .seconds(Double(quota.bytes) / (bytesPerReading * rate))
        }
        return state
    }

    /// Pages of the database that are not free.
    func usedPages() throws(BufferError) -> Int {
        try database.pragma("page_count") - database.pragma("freelist_count")
    }

    /// Readings a second over the newest batches: `rateBatches` of them at most, and as few as lie
    /// within `rateWindow`, but two at least.
    private func rate(upTo newest: Row) throws(BufferError) -> Double? {
        var first: Row?
        try database.rows(
            "SELECT seq FROM batch WHERE seq < ? ORDER BY seq DESC LIMIT ?",
            .integer(newest.sequence), .integer(Self.rateBatches)
        ) { (row: borrowing Database.Row) throws(BufferError) in
            guard let batch = try oldest(after: row.integer(0) - 1) else { return false }
            let age = newest.elapsed(since: batch)
            guard first == nil || age <= Self.rateWindow else { return false }
            first = batch
            return true
        }
        guard let first else { return nil }
        let elapsed = newest.elapsed(since: first)
        guard elapsed > .zero else { return nil }
        return Double(newest.totalReadings - first.totalReadings) / (elapsed / .seconds(1))
    }

    /// Ten minutes of batches that are sealed every 10 s: sealed more often, fewer tell enough.
    private static let rateBatches: Int64 = 64
    /// Long enough to even out slow signals, short enough to follow a change of the plant.
    private static let rateWindow = Duration.seconds(300)
}
