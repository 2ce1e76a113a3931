// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization
import Testing

@testable import Buffer

/// Who asks for something comes first, and what a thread does by itself is not put off for ever.
@Suite(.timeLimit(.minutes(1))) struct WorkerTests {
    @Test func `each job is followed by one step, however many wait`() async throws {
        let log = Log()
        let worker = try Worker([log]) { log in
            log.add("step")
            return nil
        }
        let gate = Gate()
        worker.post { log in
            gate.wait()
            log.add("first")
        }
        for name in ["second", "third"] { worker.post { $0.add(name) } }
        gate.open()
        try await worker.run { $0.add("last") }
        await worker.finish()
        // Before the first job there may have been a step already.
        let lines = log.lines.drop { $0 == "step" }.prefix(7)
        #expect(lines == ["first", "step", "second", "step", "third", "step", "last"])
    }

    @Test func `while no job waits, step follows step until there is no more to be done`()
        async throws
    {
        let log = Log()
        let (done, isDone) = AsyncStream<Void>.makeStream()
        let worker = try Worker([log]) { log in
            log.add("step")
            if log.lines.count == 5 { isDone.finish() }
            return log.lines.count < 5 ? .zero : nil
        }
        for await _ in done {}
        #expect(log.lines.count == 5)
        await worker.finish()
    }

    /// A pipe has room for 65,536 bytes.
    @Test func `however many jobs wait, nobody waits for the bell`() async throws {
        let log = Log()
        let worker = try Worker([log, log])
        let gate = Gate()
        for _ in 0..<2 { worker.post { _ in gate.wait() } }
        let done = Mutex(0)
        for _ in 0..<70_000 { worker.post { _ in done.withLock { $0 += 1 } } }
        gate.open()
        await worker.finish()
        #expect(done.withLock { $0 } == 70_000)
    }

    @Test func `closing waits for no step, and what is last is last`() async throws {
        let log = Log()
        let worker = try Worker([log]) { log in
            log.add("step")
            return .zero
        }
        let gate = Gate()
        worker.post { log in
            log.add("first")
            gate.wait()
        }
        worker.post { $0.add("second") }
        let closing = Task { await worker.finish { $0.add("last") } }
        // Closed is what takes no more jobs.
        while worker.post({ _ in }) { await Task.yield() }
        gate.open()
        await closing.value
        let lines = log.lines.drop { $0 != "first" }
        #expect(lines == ["first", "second", "last"])
    }
}

/// What a thread did, in order.
private final class Log: Sendable {
    private let state = Mutex<[String]>([])

    var lines: [String] { state.withLock { $0 } }

    func add(_ line: String) { state.withLock { $0.append(line) } }
}

/// Holds a thread up until it is opened.
private final class Gate: Sendable {
    private let isOpen = Mutex(false)

    func open() { isOpen.withLock { $0 = true } }

    func wait() { while !isOpen.withLock({ $0 }) { sched_yield() } }
}
