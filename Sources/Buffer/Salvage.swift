// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Brings back what a quarantined database still holds, oldest first, a little at a time.
///
/// How far it came stands in the new database, in the row of the ended epoch, and is written with
/// what was brought back in one transaction: after a crash it goes on without a gap or a double.
/// What was brought back is punched out of the quarantined file, so that both databases together
/// never take more than one at its limit and the batches of a step. Where the file system cannot
/// do that, the new one has what is left, and what finds no room waits for readers (`Store.place`).
///
/// | a batch of the old epoch | then |
/// |---|---|
/// | the stream had told of as lost, or removed | is not looked for |
/// | every consumer had acknowledged, if all are found | is not brought back, and nobody is owed it |
/// | checks, and its seal holds | returns under a cursor of its own, `salvaged` says the old one |
/// | anything else | stays owed, and is told as one loss in the end |
final class Salvage {
    private let damaged: DamagedDatabase
    private let epoch: Epoch
    private let newest: Int64
    private let readers: UInt32?
    private var scan: PageScan
    /// The page to look at next; `nil` when all have been.
    private var page: Int? = 1
    private var next = 0
    /// The last sequence that was sound.
    private var through: Int64
    /// How many finds there are still on a page, which is needed until there are none.
    private var finds: [UInt32: Int] = [:]
    private var punched: PunchedPages
    private(set) var report: SalvageReport
    /// The newest sequence of the present epoch under which something came back; `nil` if nothing did
    /// since the start.
    private(set) var last: Int64?
    /// What is to be brought back now, in a step of its own: it stays until that has been done.
    private(set) var found: Found?

    /// `nil` where there is nothing to be read.
    init?(of ended: EndedEpoch, in quarantine: Quarantine) {
        let files = quarantine.files
        guard let damaged = DamagedDatabase(database: files.database, log: files.log) else {
            return nil
        }
        self.damaged = damaged
        epoch = ended.epoch
        newest = ended.newest
        readers = ended.readers
        through = ended.salvaged
        scan = PageScan(after: through)
        punched = PunchedPages(damaged.format, pages: damaged.pages)
        report = SalvageReport(epoch: ended.epoch)
    }

    /// What a step has come to.
    enum Step {
        /// There is more to look through.
        case looking
        /// Who had read the epoch; once, before anything is found.
        case readers([String])
        /// There is something to be brought back first.
        case found
        case done
    }

    /// The next batches that are sound.
    struct Found {
        /// Those to be brought back, in order.
        var batches: [DamagedDatabase.Sound] = []
        /// Records of those that every consumer had.
        var acknowledged: Int64 = 0
        /// Nothing up to here is left to be looked for.
        var through: Int64
        fileprivate var pages: [UInt32] = []

        /// Stored bytes of `batches`.
        var bytes: Int { batches.reduce(0) { $0 + $1.payload.count } }
    }

    /// Looks or reads for some milliseconds, when what was found before has been brought back.
    func step() -> Step {
        let start = ContinuousClock.now
        while let page {
            if page == 1 { damaged.lookAtLog(into: &scan) }
            self.page = damaged.look(from: page, into: &scan)
            if self.page == nil {
                count()
                return .readers(scan.consumers.keys.sorted())
            }
            guard .now - start < Self.stepTime else { return .looking }
        }
        var found = Found(through: 0)
        var bytes = 0
        let acknowledged = scan.acknowledged(by: readers)
        while next < scan.finds.count, bytes < Self.stepBytes, .now - start < Self.stepTime {
            let find = scan.finds[next]
            next += 1
            let leaf = leave(find)
            defer { if let leaf { found.pages.append(leaf) } }
            guard find.sequence > through, isWanted(find.sequence),
                let sound = damaged.batch(find, of: epoch)
            else { continue }
            through = find.sequence
            found.through = through
            found.pages += sound.pages
            bytes += sound.payload.count
            if find.sequence <= acknowledged ?? 0 {
                found.acknowledged += Int64(sound.batch.columns.producedCount)
            } else {
                found.batches.append(sound)
            }
        }
        if found.through > 0 {
            self.found = found
            return .found
        }
        if next < scan.finds.count { return .looking }
        guard scan.bound < newest else { return .done }
        scan = PageScan(after: scan.bound)
        (page, next) = (1, 0)
        return .looking
    }

    private func count() {
        scan.finish()
        finds = [:]
        for find in scan.finds where !find.isInLog { finds[find.page, default: 0] += 1 }
        // What had no room shares pages with the last that had.
        guard scan.bound < newest else { return }
        for find in scan.finds.suffix(Self.neighbours) { finds[find.page] = nil }
    }

    /// The page of a find that was looked at, if it was the last one there.
    private func leave(_ find: PageScan.Find) -> UInt32? {
        guard !find.isInLog, let left = finds[find.page] else { return nil }
        finds[find.page] = left - 1
        return left == 1 ? find.page : nil
    }

    /// More rows than a page of ours can hold.
    private static let neighbours = 64

    private func isWanted(_ sequence: Int64) -> Bool {
        sequence <= newest && !scan.isLost(sequence)
    }

    /// Takes note of what is in the new database now, and gives its room back.
    func brought(_ found: Found, upTo newest: Int64) {
        self.found = nil
        last = newest
        report.batches += found.batches.count
        report.records += found.batches.reduce(0) { $0 + $1.batch.columns.producedCount }
        for range in punched.add(found.pages) { damaged.punch(range) }
    }

    private static let stepTime = Duration.milliseconds(8)
    /// Stored bytes that one transaction takes at most, some 10 ms to seal anew, unless a single
    /// batch has more: what is the least that can be brought back.
    private static let stepBytes = 64 << 10
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
