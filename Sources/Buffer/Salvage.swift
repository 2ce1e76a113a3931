// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Brings back what a quarantined database still holds, oldest first, a little at a time.
///
/// How far it came stands in the new database, in the row of the ended epoch, and is written with
/// what was brought back in one transaction: after a crash it goes on without a gap or a double.
/// What was brought back is punched out of the quarantined file, so that both databases together
/// never take more than one at its limit and the batches of a step.
///
/// | a batch of the old epoch | then |
/// |---|---|
/// | the stream had told of as lost, or removed | is not looked for |
/// | every consumer had acknowledged | is not brought back, and nobody is owed it |
/// | checks, and its seal holds | returns under a cursor of its own, `salvaged` says the old one |
/// | anything else | stays owed, and is told as one loss in the end |
final class Salvage {
    private let damaged: DamagedDatabase
    private let epoch: Epoch
    private let newest: Int64
    private var scan: PageScan
    /// The page to look at next; `nil` when all have been.
    private var page: Int? = 1
    private var next = 0
    private var punched: PunchedPages
    private(set) var report: SalvageReport

    /// `nil` where there is nothing to be read.
    init?(of ended: EndedEpoch, in quarantine: Quarantine) {
        let files = quarantine.files
        guard let damaged = DamagedDatabase(database: files.database, log: files.log) else {
            return nil
        }
        self.damaged = damaged
        epoch = ended.epoch
        newest = ended.newest
        scan = PageScan(after: ended.salvaged)
        punched = PunchedPages(pageSize: damaged.format.pageSize, pages: damaged.pages)
        report = SalvageReport(epoch: ended.epoch)
    }

    /// What a step has come to.
    enum Step {
        /// There is more to look through.
        case looking
        /// These are sound and follow one another, as far as they are there. Nothing up to `through`
        /// is left to be looked for.
        case found([DamagedDatabase.Sound], acknowledged: Int64, through: Int64)
        case done
    }

    /// Looks or reads for some milliseconds.
    func step() -> Step {
        let start = ContinuousClock.now
        while let page {
            if page == 1 { damaged.lookAtLog(into: &scan) }
            self.page = damaged.look(from: page, into: &scan)
            if self.page == nil { scan.finish() }
            guard .now - start < Self.stepTime else { return .looking }
        }
        var found: [DamagedDatabase.Sound] = []
        var acknowledged: Int64 = 0
        var last = scan.start
        var bytes = 0
        while next < scan.finds.count, bytes < Self.stepBytes, .now - start < Self.stepTime {
            let find = scan.finds[next]
            next += 1
            guard find.sequence > last, isWanted(find.sequence),
                let sound = damaged.batch(find, of: epoch)
            else { continue }
            last = find.sequence
            bytes += sound.payload.count
            if find.sequence <= scan.acknowledged ?? 0 {
                acknowledged += Int64(sound.batch.head.records)
                punch([sound])
            } else {
                found.append(sound)
            }
        }
        if next < scan.finds.count {
            return .found(found, acknowledged: acknowledged, through: max(last, scan.start))
        }
        if !found.isEmpty || acknowledged > 0 {
            return .found(found, acknowledged: acknowledged, through: last)
        }
        guard scan.bound < newest else { return .done }
        scan = PageScan(after: scan.bound)
        (page, next) = (1, 0)
        return .looking
    }

    private func isWanted(_ sequence: Int64) -> Bool {
        sequence <= newest && sequence > scan.floor && !scan.isLost(sequence)
    }

    /// Takes note of batches that are in the new database now, and gives their room back.
    func brought(_ batches: [DamagedDatabase.Sound]) {
        report.batches += batches.count
        report.records += batches.reduce(0) { $0 + $1.batch.head.records }
        punch(batches)
    }

    private func punch(_ batches: [DamagedDatabase.Sound]) {
        for range in punched.add(batches.flatMap(\.pages)) { damaged.punch(range) }
    }

    private static let stepTime = Duration.milliseconds(8)
    /// Stored bytes that one transaction takes at most, unless a single batch has more.
    private static let stepBytes = 256 << 10
}

/// What became of an epoch's batches.
package struct SalvageReport: Hashable, Sendable {
    /// Whose they were.
    package var epoch: Epoch
    /// Batches that were brought back since the start.
    package var batches = 0
    /// Records in them.
    package var records = 0
    /// Records that were not found, and that the stream tells as lost.
    package var lost = 0
    /// Bytes that the quarantined files still take.
    package var remains = 0
    /// Whether those are kept for whoever wants to look at them.
    package var isKept = false

    init(epoch: Epoch) {
        self.epoch = epoch
    }
}

/// Which pages of a file nobody needs any more, and which blocks of it can be given back.
struct PunchedPages {
    /// What file systems give back is a multiple of it.
    static let block = 4_096
    private let pageSize: Int
    /// For each block, a bit for each of its pages that is done with, or how many are missing.
    private var done: [Bool]

    init(pageSize: Int, pages: Int) {
        self.pageSize = pageSize
        done = [Bool](repeating: false, count: pages + 1)
    }

    /// Takes note of pages; the parts of the file that are whole blocks of such ones now.
    mutating func add(_ pages: [UInt32]) -> [Range<Int>] {
        for page in pages where Int(page) < done.count { done[Int(page)] = true }
        let blocks = Set(pages.map { (Int($0) - 1) * pageSize / Self.block })
        return blocks.sorted().compactMap { block in
            let range = block * Self.block..<max(block * Self.block + Self.block, pageSize)
            let first = range.lowerBound / pageSize + 1
            let last = (range.upperBound - 1) / pageSize + 1
            guard last < done.count, done[first...last].allSatisfy({ $0 }) else { return nil }
            return range
        }
    }
}
