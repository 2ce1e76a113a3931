// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

// The writer's part in salvage: what was found becomes batches of the present epoch.

extension Store {
    /// Does one piece of what is owed of epochs before this one; whether there may be more.
    func salvageStep() throws(BufferError) -> Bool {
        guard let ended = holding.ended.first(where: { $0.owed > 0 }) else { return false }
        let quarantine = Quarantine(directory, of: ended.epoch)
        guard let salvage = salvage ?? Salvage(of: ended, in: quarantine) else {
            return try conclude(SalvageReport(epoch: ended.epoch), quarantine)
        }
        self.salvage = salvage
        switch salvage.step() {
        case .looking: return true
        case .found(let batches, let acknowledged, let through):
            try bring(batches, acknowledged: acknowledged, through: through, of: ended)
            salvage.brought(batches)
            try fit()
            return true
        case .done: return try conclude(salvage.report, quarantine)
        }
    }

    /// Appends batches of an epoch before this one, as they were, to this one.
    private func bring(
        _ batches: [DamagedDatabase.Sound], acknowledged: Int64, through: Int64,
        of ended: EndedEpoch
    ) throws(BufferError) {
        let bytes = batches.reduce(0) { $0 + $1.payload.count }
        try tidy()
        let removals = try makeRoom(for: bytes, at: holding.time.elapsed)
        var next = holding
        next.tombstones += removals.count
        var owed = ended.owed - acknowledged
        let tally = try database.transaction { () throws(BufferError) in
            try remove(removals)
            for found in batches where Int64(found.batch.head.records) <= owed {
                let sealing = try Sealing(found.batch, at: stream.cursor(next.newest + 1))
                try insert(sealing, totals: next.totals, at: next.time.elapsed)
                try count(sealing.head.records)
                next.add(sealing, at: next.time)
                owed -= Int64(sealing.head.records)
            }
            next.salvaged(ended.epoch, through: through, owed: max(0, owed))
            try database.run(
                "UPDATE ended SET salvaged = ?, owed = ? WHERE epoch = ?", .integer(through),
                .integer(max(0, owed)), .text(ended.epoch.text))
            return try stream.tally() ?? Tally()
        }
        holding = next
        writeMark(tally)
    }

    /// Tells what was not found as lost, and lets the quarantine go unless there is little of it.
    private func conclude(
        _ report: SalvageReport, _ quarantine: Quarantine
    ) throws(BufferError) -> Bool {
        var report = report
        report.lost = Int(holding.owed)
        var next = holding
        try next.settle()
        holding = next
        writeMark(try stream.tally() ?? Tally())
        salvage = nil
        report.remains = Quarantine.bytes(in: directory)
        report.isKept = report.remains <= Self.keptRemains
        if !report.isKept { try quarantine.remove() }
        try fit()
        tell(.salvaged(report))
        return false
    }

    /// So much of a damaged database is kept for whoever wants to know what was wrong with it.
    private static let keptRemains = 16 << 20
}

extension Sealing {
    /// The same batch at another place of the stream.
    init(_ batch: Batch, at cursor: Cursor) throws(BufferError) {
        var head = batch.head
        // Saved twice, it says what it was first: that is what a reader may have.
        head.salvaged = head.salvaged ?? head.cursor
        head.condensed = nil
        head.cursor = cursor
        try self.init(batch.columns, head: head)
    }
}
