// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// `Torture tails`: a log that lost its tail after it was synced, or has one bit flipped.
///
/// SQLite drops every commit from there on and says nothing. What had been acknowledged must be
/// there all the same, or stand as lost for corruption, with the exact count; no sequence again. A
/// flipped bit costs one batch at most, no record stands in two, and what consumers lose is told.
///
/// - `--every` how many bytes lie between two places that are tried; `--folder`, `--figures` as in
///   `PowerCutRun`
struct TailRun {
    private let disk: Disk
    private let every: Int
    private let folder: String
    private let figures: String

    init(_ options: Options, _ disk: Disk) throws(TortureError) {
        self.disk = disk
        every = max(1, try options.number("every", default: 97))
        folder = options.text("folder", default: "/dev/shm/millpond-torture-\(getpid())")
        figures = options.text("figures", default: "")
    }

    func run() async throws -> Bool {
        Folder.renew(folder)
        disk.seed(1)
        let start = try await TailScene(folder: folder)
        let log = "state/millpond.db-wal"
        let bytes = start.image.files[log] ?? []
        precondition(bytes.count > 1_000, "a killed gateway leaves a log")
        var tally = Tally()
        for place in stride(from: 0, to: bytes.count, by: every) {
            var cut = start.image
            cut.files[log] = Array(bytes[..<place])
            await look(at: cut, "cut at \(place)", start, isCut: true, &tally)
            var flipped = start.image
            flipped.files[log]?[place] ^= 1 << UInt8(place % 8)
            await look(at: flipped, "flipped at \(place)", start, isCut: false, &tally)
        }
        for finding in tally.findings { say("  \(finding)") }
        let line = tally.json(
            "tails", [("trials", "\(tally.states)"), ("broken", "\(tally.lost)")])
        say(line)
        if !figures.isEmpty { try Figures.write(line, to: "\(figures)/rot-tails.json") }
        if tally.lost == 0 { Folder.remove(folder) }
        return tally.lost == 0
    }

    private func look(
        at image: Image, _ what: String, _ start: TailScene, isCut: Bool, _ tally: inout Tally
    ) async {
        tally.states += 1
        let truth = start.journal.truths.last
        // One bit is in one page, of one batch.
        let judge = Judge(
            journal: start.journal, acknowledged: truth, reached: truth, isRotten: true,
            costs: isCut ? .max : 1, isCut: isCut)
        do {
            let directory = folder + "/image"
            Folder.renew(directory)
            try image.write(to: directory)
            _ = try await judge.judge(directory + Folder.state) { _ in }
        } catch {
            tally.lost += 1
            tally.tell("\(what): \(error)")
        }
    }
}
