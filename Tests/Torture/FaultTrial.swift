// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment
import Glibc

/// One fault in one scene: it strikes, it is gone, and everything must be as it was told.
struct FaultTrial {
    let disk: Disk
    let scene: FaultScene
    let start: Start
    let folder: String

    /// What a scene begins with.
    struct Start: Sendable {
        var image = Image()
        var journal = Journal()
        var numbered: Numbered
        /// What the scene comes to where nothing fails.
        var attempt: Judge.Attempt?
    }

    private var work: String { folder + "/work" }
    private var directory: String { work + Folder.state }

    /// Runs it; returns how many calls failed, and what some `looks` at power cuts came
    /// to.
    func run(_ fault: Fault, looks: Int) async throws -> (failed: Int, cuts: Tally) {
        Folder.renew(work)
        try start.image.write(to: work)
        // Whoever waits for a fault to pass must not wait for ever.
        alarm(Self.patience)
        defer { alarm(0) }
        disk.watch(work)
        var numbered = start.numbered
        var journal = start.journal
        var buffer = try await Self.open(scene, directory, &numbered, &journal)
        let promised = journal.truths.last
        disk.record()
        let beginning = scene.isOpen ? try Image(of: work) : start.image
        disk.fail(fault)
        var isDone = true
        do {
            try await scene.act(on: &buffer, in: directory, &numbered, &journal)
        } catch { isDone = false }
        // What the writer does by itself meets the fault as well: a step after whatever it is asked.
        for _ in 0..<Self.stepsAfterwards { _ = try? await buffer?.interrupt(after: 0) }
        let failed = disk.heal()
        let operations: [Operation]
        do {
            try await goOn(&buffer, &journal, &numbered, isDone)
            operations = disk.recorded()
            disk.watch("")
            await buffer?.close()
        } catch {
            await buffer?.close()
            disk.watch("")
            throw error
        }
        let judge = Judge(
            journal: journal, acknowledged: promised, reached: journal.truths.last)
        _ = try await judge.judge(directory) { _ in }
        var cuts = PowerCuts(
            disk: disk, operations: operations, journal: journal, seed: UInt64(fault.at),
            folder: folder,
            plan: PowerCuts.Plan(variants: 1, stride: max(1, operations.count / looks)))
        cuts.beginning = beginning
        cuts.promised = promised
        cuts.attempt = start.attempt
        try await cuts.run(isFirstEnough: true)
        return (failed, cuts.tally)
    }

    private static let patience: UInt32 = 60
    /// A checkpoint, a removal, a merger and what is given back, and each once more.
    private static let stepsAfterwards = 8

    /// The fault is gone: what was acknowledged is there, what was refused is not, and the buffer
    /// works without anybody's help.
    private func goOn(
        _ buffer: inout BatchBuffer?, _ journal: inout Journal, _ numbered: inout Numbered,
        _ isDone: Bool
    ) async throws {
        if let open = buffer, isDone { disk.note(try await journal.learn(from: open)) }
        let open: BatchBuffer
        if let there = buffer {
            open = there
        } else {
            open = try BatchBuffer(scene.settings(directory))
        }
        buffer = open
        try await open.settle()
        var truth = journal.truths.last ?? Journal.Truth(epoch: open.epoch)
        // What a damaged database leaves to the next epoch is the judge's business.
        if truth.epoch != open.epoch { truth = Journal.Truth(epoch: open.epoch) }
        truth = try await journal.follow(open, from: truth)
        try await FaultScene.seal(into: open, &numbered, &journal, bytes: 100)
        disk.note(journal.keep(try await journal.follow(open, from: truth)))
    }
}

extension FaultTrial {
    /// The buffer as the fault meets it; `nil` where its opening is the scene.
    private static func open(
        _ scene: FaultScene, _ directory: String, _ numbered: inout Numbered,
        _ journal: inout Journal
    ) async throws(BufferError) -> BatchBuffer? {
        guard scene.isOpen else { return nil }
        let buffer = try BatchBuffer(scene.settings(directory))
        guard scene == .checkpoint else { return buffer }
        // All but the last of what makes the log so long that it is worked off, and the limit not
        // reached: a hundred times as many calls as a batch less or more.
        for _ in 0..<87 {
            try await FaultScene.seal(into: buffer, &numbered, &journal, bytes: 12_000)
        }
        _ = try await journal.learn(from: buffer)
        return buffer
    }

    /// Runs a scene without a fault: how it begins, and what it seals.
    static func start(_ scene: FaultScene, disk: Disk, folder: String) async throws -> Start {
        let work = folder + "/work"
        let directory = work + Folder.state
        Folder.renew(work)
        var start = Start(numbered: Numbered(seed: 7))
        start.journal.whenFull = scene.settings(directory).whenFull
        guard scene != .create else { return start }
        let buffer = try BatchBuffer(scene.settings(directory))
        try await scene.prepare(buffer, &start.numbered, &start.journal)
        _ = try await start.journal.learn(from: buffer)
        // What a killed process leaves is what the kernel has.
        if scene == .recover { start.image = try Image(of: work) }
        await buffer.close()
        try scene.harm(directory, &start.journal)
        if scene != .recover { start.image = try Image(of: work) }
        guard scene.isOpen, scene != .close else { return start }
        var numbered = start.numbered
        var journal = start.journal
        var rehearsal = try await open(scene, directory, &numbered, &journal)
        try await scene.act(on: &rehearsal, in: directory, &numbered, &journal)
        if let rehearsal {
            let number = try await journal.learn(from: rehearsal)
            let cursor = Cursor(epoch: rehearsal.epoch, sequence: rehearsal.newest)
            start.attempt = Judge.Attempt(
                content: scene.isSeal ? journal.contents[cursor] : nil,
                consumers: journal.truths[number].consumers)
            await rehearsal.close()
        }
        return start
    }
}
