// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

extension Stream {
    /// The buffer as it stands, with `limit` as configured.
    func state(limit: Int) throws(BufferError) -> BufferState {
        let newestSequence = try newest()
        let pages = try database.pragma("page_count") - database.pragma("freelist_count")
        let bytes = pages * (try database.pragma("page_size"))
        let lost = try database.first(
            "SELECT total(records) FROM lost WHERE reason <> ?",
            .text(LossReason.acknowledged.rawValue)
        ) { $0.count(0) }
        var state = BufferState(
            epoch: epoch, oldest: newestSequence + 1, newest: newestSequence, batches: 0,
            readings: 0, bytes: bytes, limit: limit, oldestSealed: nil, newestSealed: nil,
            lostRecords: lost ?? 0)
        guard let oldest = try oldest(), let newest = try newestBatch() else { return state }
        state.oldest = oldest.sequence
        state.oldestSealed = oldest.sealed
        state.newestSealed = newest.sealed
        state.batches = try batches(from: oldest.sequence, to: newest.sequence)
        state.readings = Int(newest.totalReadings - oldest.totalReadings) + oldest.readings
        state.readingsPerSecond = try rate(upTo: newest)
        if let rate = state.readingsPerSecond, rate > 0, state.readings > 0 {
            let bytesPerReading = Double(bytes) / Double(state.readings)
            state.holds = .seconds(Double(limit) / (bytesPerReading * rate))
        }
        return state
    }

    /// Readings a second over the newest batches, up to `window` of them in time.
    private func rate(upTo newest: Row) throws(BufferError) -> Double? {
        var first: Row?
        try database.rows(
            "SELECT seq FROM batch WHERE seq < ? ORDER BY seq DESC LIMIT ?",
            .integer(newest.sequence), .integer(Self.rateBatches)
        ) { (row: borrowing Database.Row) throws(BufferError) in
            guard let batch = try oldest(after: row.integer(0) - 1) else { return false }
            let age = newest.sealed.milliseconds &- batch.sealed.milliseconds
            guard first == nil || age <= Self.rateWindowMilliseconds else { return false }
            first = batch
            return true
        }
        guard let first else { return nil }
        let elapsed = newest.sealed.milliseconds &- first.sealed.milliseconds
        guard elapsed > 0 else { return nil }
        return Double(newest.totalReadings - first.totalReadings) * 1_000 / Double(elapsed)
    }

    private static let rateBatches: Int64 = 64
    private static let rateWindowMilliseconds: Int64 = 300_000
}
