// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Glibc

/// `Torture powercut`: seed after seed until so many states have been tried.
///
/// - `--states` how many distinct ones, `--seed` the first seed, `--step` from one to the next
/// - `--stop first` ends at the first broken promise, as the control run does
/// - `--looks` after how many operations of a seed, beside each acknowledgement
/// - `--variants`, `--again`: see `PowerCuts.Plan`
/// - `--synchronous NORMAL` is the control run, which has to fail
/// - `--folder` in memory, `--figures` where the figures go, as a file of JSON
struct PowerCutRun {
    private let disk: Disk
    private let states: Int
    private let first: Int
    private let step: Int
    private let looks: Int
    private let plan: PowerCuts.Plan
    private let isControl: Bool
    private let isFirstEnough: Bool
    private let folder: String
    private let figures: String

    init(_ options: Options, _ disk: Disk) throws(TortureError) {
        self.disk = disk
        states = try options.number("states", default: 10_000)
        first = try options.number("seed", default: 1)
        step = try options.number("step", default: 1)
        looks = try options.number("looks", default: 150)
        plan = PowerCuts.Plan(
            variants: try options.number("variants", default: 2),
            again: try options.number("again", default: 40))
        isControl = options.text("synchronous", default: "FULL") == "NORMAL"
        isFirstEnough = isControl || options.text("stop", default: "") == "first"
        folder = options.text("folder", default: "/dev/shm/millpond-torture-\(getpid())")
        figures = options.text("figures", default: "")
    }

    /// Whether it went as it must.
    func run() async throws -> Bool {
        if isControl { disk.weaken(synchronous: "NORMAL") }
        Folder.renew(folder)
        var tally = Tally()
        var seed = first
        while tally.distinct < states, !(isFirstEnough && tally.lost > 0) {
            let found = try await replay(UInt64(seed))
            // Whoever ends a run of hours has the figures and the findings of what it came to.
            for finding in found.findings { say("  \(finding)") }
            tally.add(found)
            tally.seeds += 1
            seed += step
            try write(tally)
        }
        say(json(tally))
        let isWell = isControl == (tally.lost > 0)
        if isWell || isControl { Folder.remove(folder) }
        return isWell
    }

    private var name: String { isControl ? "control" : "powercut" }

    private func json(_ tally: Tally) -> String {
        let days = tally.days.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        return tally.json(name, [("first_seed", "\(first)")] + days)
    }

    private func write(_ tally: Tally) throws(TortureError) {
        guard !figures.isEmpty else { return }
        try Figures.write(json(tally), to: "\(figures)/\(name)-\(first).json")
    }

    private func replay(_ seed: UInt64) async throws -> Tally {
        let directory = folder + "/work"
        Folder.renew(directory)
        disk.seed(seed)
        var workload = Workload(seed: seed, folder: directory, disk: disk)
        try await workload.prepare()
        disk.watch(directory)
        disk.record()
        do { try await workload.run { disk.note($0) } } catch let error as BufferError {
            disk.leave(free: nil)
            var tally = Tally()
            tally.lost = 1
            tally.tell("seed \(seed), \(workload.day.name), before any power cut: \(error)")
            return tally
        }
        let operations = disk.recorded()
        disk.watch("")
        var plan = plan
        plan.stride = max(1, operations.count / looks)
        var cuts = PowerCuts(
            disk: disk, operations: operations, journal: workload.journal, seed: seed,
            folder: folder, plan: plan)
        cuts.place = "seed \(seed), \(workload.day.name), "
        cuts.beginning = workload.beginning
        cuts.promised = workload.beginning.files.isEmpty ? nil : workload.journal.truths.first
        try await cuts.run(isFirstEnough: isFirstEnough)
        cuts.tally.days[workload.day.name] = cuts.tally.distinct
        return cuts.tally
    }
}

/// A file for each torture, with one line of JSON, of which `figures.py` makes a table.
enum Figures {
    static func write(_ line: String, to path: String) throws(TortureError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard file >= 0 else { throw .disk(path, errno) }
        defer { close(file) }
        let bytes = Array((line + "\n").utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else {
            throw .disk(path, errno)
        }
    }
}
