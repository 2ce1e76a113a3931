// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// `Torture faults`: in each scene, for each kind of fault, once and for ever, the first call that
/// can fail so, the second, the third, until the scene survives because there was none.
///
/// - `--scene`, `--kind` and `--at` narrow it down to what was found
/// - `--thin` from which call on some are left out, more and more: for a quick look
/// - `--looks` at how many places the power is cut afterwards, beside each acknowledgement
/// - `--folder` and `--figures` as in `PowerCutRun`
struct FaultRun {
    private let disk: Disk
    private let scene: String
    private let kind: String
    private let at: Int
    private let looks: Int
    private let thin: Int
    private let folder: String
    private let figures: String

    /// Calls that failed one after another, and what came of it.
    private struct Count {
        var trials = 0
        var failed = 0
        var broken = 0
        var cuts = Tally()
    }

    init(_ options: Options, _ disk: Disk) throws(TortureError) {
        self.disk = disk
        scene = options.text("scene", default: "")
        kind = options.text("kind", default: "")
        at = try options.number("at", default: 0)
        thin = max(1, try options.number("thin", default: Self.mostCalls))
        looks = try options.number("looks", default: 6)
        folder = options.text("folder", default: "/dev/shm/millpond-torture-\(getpid())")
        figures = options.text("figures", default: "")
    }

    func run() async throws -> Bool {
        Folder.renew(folder)
        var all = Count()
        for scene in FaultScene.allCases where self.scene.isEmpty || scene.rawValue == self.scene {
            disk.seed(1)
            let start = try await FaultTrial.start(scene, disk: disk, folder: folder)
            let trial = FaultTrial(disk: disk, scene: scene, start: start, folder: folder)
            for kind in Fault.Kind.allCases where self.kind.isEmpty || kind.rawValue == self.kind {
                for isForEver in [false, true] {
                    try await series(trial, kind, isForEver, &all)
                }
            }
        }
        let line = all.cuts.json(
            "faults",
            [
                ("trials", "\(all.trials)"), ("failed_calls", "\(all.failed)"),
                ("broken", "\(all.broken)"), ("scenes", "\(FaultScene.allCases.count)"),
            ])
        say(line)
        if !figures.isEmpty { try Figures.write(line, to: "\(figures)/faults.json") }
        if all.broken == 0 { Folder.remove(folder) }
        return all.broken == 0
    }

    private func series(
        _ trial: FaultTrial, _ kind: Fault.Kind, _ isForEver: Bool, _ all: inout Count
    ) async throws {
        var number = max(at, 1)
        var told = 0
        while true {
            precondition(number < Self.mostCalls, "a scene comes to an end")
            let fault = Fault(kind: kind, at: number, isForEver: isForEver)
            number += 1 + number / thin
            do {
                let (failed, cuts) = try await trial.run(fault, looks: looks)
                guard failed > 0 else { return }
                all.failed += failed
                all.cuts.add(cuts)
                if let finding = cuts.findings.first {
                    throw Judge.Broken("then a power cut: \(finding)")
                }
            } catch let error as TortureError {
                throw error
            } catch {
                _ = disk.heal()
                all.broken += 1
                told += 1
                if told <= 3 { say("\(trial.scene.rawValue), \(fault): \(error)") }
            }
            all.trials += 1
            if at > 0 { return }
        }
    }

    /// More calls than any scene makes.
    private static let mostCalls = 20_000
}
