// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer

/// Replays a recording: what the disk may hold after each operation, opened and held against what
/// had been acknowledged by then.
struct PowerCuts {
    let disk: Disk
    let operations: [Operation]
    let journal: Journal
    /// What was on disk before the first operation, and what had been acknowledged of it.
    var beginning = Image()
    var promised: Journal.Truth?
    /// See `Judge`.
    var attempt: Judge.Attempt?
    var interrupted: Journal.Truth?
    var isRotten = false
    let seed: UInt64
    /// What is cut: the workload of the seed, or a recovery in it.
    var place = ""
    /// In memory, for images.
    let folder: String
    let plan: Plan
    var tally = Tally()
    /// Images that were opened, and images with what had been promised of them then.
    private var seen: Set<UInt64> = []
    private var judged: Set<UInt64> = []

    /// How much is tried.
    struct Plan: Sendable {
        /// States of each kind but `none` and `all`, after each operation that is looked at.
        var variants = 2
        /// Every how many operations.
        var stride = 1
        /// Every which state has its recovery cut as well; 0: none.
        var again = 0
    }

    init(
        disk: Disk, operations: [Operation], journal: Journal, seed: UInt64, folder: String,
        plan: Plan
    ) {
        self.disk = disk
        self.operations = operations
        self.journal = journal
        self.seed = seed
        self.folder = folder
        self.plan = plan
    }

    /// Stops at the first broken promise, if `isFirstEnough`.
    mutating func run(isFirstEnough: Bool) async throws {
        let model = DiskModel(beginning)
        var acknowledged = promised
        var random = Seeded(seed)
        var promises: UInt64 = 0
        for (index, operation) in operations.enumerated() {
            model.apply(operation)
            tally.operations += 1
            var isPromise = false
            if case .noted(let number) = operation {
                acknowledged = journal.truths[number]
                promises += 1
                isPromise = true
            }
            guard isPromise || index % plan.stride == Int(seed % UInt64(plan.stride)) else {
                continue
            }
            let judge = Judge(
                journal: journal, acknowledged: acknowledged, reached: truth(after: index),
                interrupted: interrupted, attempt: attempt, isRotten: isRotten)
            for kind in Choice.Kind.allCases {
                let isOne = kind == .none || kind == .all
                for _ in 0..<(isOne ? 1 : plan.variants) {
                    let choice = Choice(kind, seed: random.next())
                    try await look(at: model.image(choice), promises, (index, kind), judge)
                    if isFirstEnough, tally.lost > 0 { return }
                }
            }
        }
    }

    /// What the call under way will have come to.
    private func truth(after index: Int) -> Journal.Truth? {
        for operation in operations[(index + 1)...] {
            if case .noted(let number) = operation { return journal.truths[number] }
        }
        return nil
    }

    private mutating func look(
        at image: Image, _ promises: UInt64, _ place: (index: Int, kind: Choice.Kind),
        _ judge: Judge
    ) async throws {
        tally.states += 1
        let digest = image.digest
        guard judged.insert(digest ^ promises &* 0x9E37_79B9_7F4A_7C15).inserted else { return }
        if seen.insert(digest).inserted { tally.distinct += 1 }
        let isCutAgain = plan.again > 0 && tally.distinct % plan.again == 0
        do {
            if isCutAgain {
                try await lookTwice(at: image, judge, "\(place.index) \(place.kind.rawValue)")
            } else {
                _ = try await judge.judge(try fresh(image) + Folder.state) { _ in }
            }
        } catch let error as TortureError {
            throw error
        } catch {
            tally.lost += 1
            tally.tell(
                "\(self.place)operation \(place.index) of \(operations.count), "
                    + "\(place.kind.rawValue): \(error)")
            try keep(image, "\(seed)-\(place.index)-\(place.kind.rawValue)")
        }
    }

    /// Records the recovery itself, and cuts the power in it.
    private mutating func lookTwice(
        at image: Image, _ judge: Judge, _ first: String
    ) async throws {
        let directory = try fresh(image)
        var truths: [Journal.Truth] = []
        disk.watch(directory)
        disk.record()
        let found: Judge.Found
        do {
            found = try await judge.judge(directory + Folder.state) { truth in
                truths.append(truth)
                disk.note(truths.count - 1)
            }
        } catch {
            _ = disk.recorded()
            throw error
        }
        var journal = found.journal
        journal.truths = truths
        let recovery = disk.recorded()
        disk.watch("")
        guard let promise = truths.first else { return }
        var second = PowerCuts(
            disk: disk, operations: recovery, journal: journal, seed: seed &+ 1,
            folder: folder, plan: Plan(variants: 1, stride: max(1, recovery.count / 8), again: 0))
        second.beginning = image
        // The disk had it all before the recovery began, unless some of it was brought back.
        let isBroughtBack = journal.estates[promise.epoch] != nil
        second.promised = judge.acknowledged.map { isBroughtBack ? $0 : promise }
        second.place = "\(place)recovery after \(first), "
        second.interrupted = judge.reached
        second.isRotten = isRotten
        second.seen = seen
        try await second.run(isFirstEnough: false)
        seen = second.seen
        tally.add(second.tally, isSecondCut: true)
    }

    private func fresh(_ image: Image) throws(TortureError) -> String {
        let directory = folder + "/image"
        try image.write(to: directory)
        return directory
    }

    /// What broke a promise stays for whoever looks into it.
    private func keep(_ image: Image, _ name: String) throws(TortureError) {
        guard tally.lost <= Self.kept else { return }
        let directory = "\(folder)/broken-\(name)"
        Folder.renew(directory)
        try image.write(to: directory)
    }

    /// More images than these tell nobody more.
    private static let kept = 5
}
