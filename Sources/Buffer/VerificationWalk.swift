// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// A verification under way, page by page: what is counted, and what is accounted for so far.
struct VerificationWalk {
    private(set) var report: Verification
    /// Everything up to here has been looked at.
    private(set) var last: Int64 = 0
    /// How many batches there were when it began.
    private let batches: Int
    /// How many records of them the database counted then.
    private let kept: Int64?
    /// Sequences that are a batch or lost.
    private var taken: [ClosedRange<Int64>] = []
    private var open: LostRow?
    /// The last sequence that is lost as far as has been looked.
    private var lostEnd: Int64 = 0

    /// What one look has found, up to `end`.
    struct Page {
        var end: Int64
        var batches: [(row: Stream.Row, payload: Result<[UInt8], Damage>)] = []
        var losses: [LostRow] = []
    }

    init(_ report: Verification, batches: Int, kept: Int64?) {
        self.report = report
        self.batches = batches
        self.kept = kept
    }

    var isOver: Bool { last >= report.newest }

    mutating func take(_ page: Page) {
        for (row, payload) in page.batches { take(row, payload) }
        for row in page.losses { take(row) }
        last = page.end
    }

    private mutating func take(_ row: Stream.Row, _ payload: Result<[UInt8], Damage>) {
        let cursor = Cursor(epoch: report.epoch, sequence: row.sequence)
        taken.append(row.sequence...row.sequence)
        do throws(Damage) {
            let proof = try Proof(payload, at: cursor)
            if !row.agrees(with: proof) { report.contradictions.append(.row(cursor)) }
            report.hashedBytes += proof.seal.length
            report.batches += 1
            report.records += proof.batch.columns.producedCount
            report.readings += proof.batch.readings
        } catch {
            report.damaged.append(
                Verification.DamagedBatch(cursor: cursor, records: row.records, damage: error))
        }
    }

    private mutating func take(_ row: LostRow) {
        var row = row
        if row.from <= last {
            // It was taken before, unless it has grown since: over batches that were there then, and
            // over others, of which nobody knows how many of its records were theirs.
            guard row.to > lostEnd else { return }
            row.from = max(last, lostEnd) + 1
            row.records = 0
        }
        lostEnd = max(lostEnd, row.to)
        if row.from <= row.to { taken.append(row.from...row.to) }
        if row.reason != .acknowledged { report.lostRecords += row.records }
        if open?.continues(with: row) == true {
            open?.append(row)
        } else {
            closeRange()
            open = row
        }
    }

    private mutating func closeRange() {
        if let open { report.lost.append(open.range(report.epoch)) }
        open = nil
    }

    /// What has come of it. Of a live buffer the records are held against the database's count only
    /// if no batch left before it was looked at.
    func finished(isLive: Bool) -> Verification {
        var walk = self
        walk.closeRange()
        var report = walk.report
        let found = report.damaged.reduce(report.records) { $0 &+ $1.records }
        let isWhole = !isLive || report.batches + report.damaged.count == batches
        if isWhole, let kept, kept != found { report.contradictions.append(.tally(kept)) }
        report.unaccounted = Self.unaccounted(taken, upTo: report.newest)
        return report
    }

    /// Gaps between, and overlaps of, ranges that should cover 1 to `newest` once.
    private static func unaccounted(
        _ ranges: [ClosedRange<Int64>], upTo newest: Int64
    ) -> [ClosedRange<Int64>] {
        var result: [ClosedRange<Int64>] = []
        var next: Int64 = 1
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
            if range.lowerBound < next {
                result.append(range.lowerBound...min(range.upperBound, next - 1))
            }
            next = max(next, range.upperBound + 1)
        }
        if next <= newest { result.append(next...newest) }
        return result
    }
}
