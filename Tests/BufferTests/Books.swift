// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Synchronization
import Testing

/// The promise, held against the files after every test that has a buffer:
///
///     produced = delivered + buffered + recorded as lost, exactly
///
/// Tests write down what they produce as the buffer promises it (`note`, `count`); when a test is
/// over, and its buffers are closed, each directory is verified offline and must account for every
/// record of it, under the sequence and with the seal that was promised. What was delivered and
/// has gone stands in the stream as lost, `acknowledged`.
///
/// A seal that is not written down fails the test as surely as a record that is gone: the buffer
/// then holds more than was produced. A test that leaves damage behind says so (`isTampered`).
final class Books: Sendable {
    @TaskLocal static var current: Books?

    private struct Shelf {
        var accounts: [String: Account] = [:]
        var ends: [@Sendable () async -> Void] = []
    }
    private let shelf = Mutex(Shelf())

    /// Runs a test, or its like, and then audits what was written down in the meantime.
    static func audited(_ test: () async throws -> Void) async throws {
        let books = Books()
        try await $current.withValue(books) { try await test() }
        await books.audit()
    }

    /// What has to be done, and kept until then, before the audit: closing a buffer.
    static func atEnd(_ end: @escaping @Sendable () async -> Void) {
        guard let current else {
            Issue.record("a test with a buffer has the trait `.conserving`")
            return
        }
        current.shelf.withLock { $0.ends.append(end) }
    }

    /// A batch whose seal was answered, and the losses that went before it.
    static func note(_ head: BatchHead, losses: [Loss], in directory: String) {
        change(directory) { $0.note(head, losses: losses) }
    }

    /// Records that something else produces; asked when all is over.
    static func count(in directory: String, _ produced: @escaping @Sendable () -> Int) {
        change(directory) { $0.producers.append(produced) }
    }

    /// The test has changed the files itself and leaves them so: they must not verify any more.
    static func tampered(_ directory: String) {
        change(directory) { $0.isTampered = true }
    }

    private static func change(_ directory: String, _ change: (inout Account) -> Void) {
        guard let current else {
            Issue.record("a test with a buffer has the trait `.conserving`")
            return
        }
        current.shelf.withLock { change(&$0.accounts[directory, default: Account()]) }
    }

    private func audit() async {
        let shelf = shelf.withLock(\.self)
        for end in shelf.ends { await end() }
        for (directory, account) in shelf.accounts { account.audit(directory) }
    }
}

/// What was produced for one buffer.
private struct Account {
    var producers: [@Sendable () -> Int] = []
    var isTampered = false
    private var noted = 0
    private var heads: [BatchHead] = []

    mutating func note(_ head: BatchHead, losses: [Loss]) {
        heads.append(head)
        noted += head.records + losses.reduce(0) { $0 + $1.records }
    }

    func audit(_ directory: String) {
        #expect(!OfflineBuffer.isHeld(directory: directory), "a test closes its buffer")
        do {
            let buffer = try OfflineBuffer(directory: directory)
            let report = try buffer.verify()
            #expect(report.isSound != isTampered, "\(report)")
            guard !isTampered else { return }
            let produced = producers.reduce(noted) { $0 + $1() }
            let gone = report.lost.reduce(0) { $0 + $1.records }
            #expect(report.records + gone == produced, "buffered \(report.records), gone \(gone)")
            for head in heads where head.cursor.epoch == report.epoch {
                try audit(head, in: buffer, report)
            }
        } catch {
            #expect(isTampered, "\(directory): \(error)")
        }
    }

    private func audit(
        _ head: BatchHead, in buffer: OfflineBuffer, _ report: Verification
    ) throws(BufferError) {
        let sequence = head.cursor.sequence
        #expect(report.newest >= sequence, "what was promised is there, or was")
        let isLost = report.lost.contains { $0.from.sequence...$0.to.sequence ~= sequence }
        let kept = try buffer.batch(at: head.cursor)
        #expect(isLost ? kept == nil : kept?.head == head, "sequence \(sequence)")
    }
}

/// Audits the books of each test.
struct Conserving: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await Books.audited(function)
    }
}

extension Trait where Self == Conserving {
    /// Whatever the test produces is delivered, buffered or recorded as lost in the end.
    static var conserving: Self { Conserving() }
}
