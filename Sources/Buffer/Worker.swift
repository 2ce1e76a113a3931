// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// Threads of their own that own one value each, may block, and do jobs one after another.
///
/// Callers are resumed by continuation, so nothing blocks the cooperative pool. A pipe is the
/// bell: one byte a job wakes one thread, and its end sends them home when all jobs are done.
/// As many jobs wait as callers do, each of which awaits its own; at 65,536 of them (a pipe's room)
/// the next caller would block.
final class Worker<Owned>: Sendable {
    typealias Job = @Sendable (Owned) -> Void

    /// One short step of what a thread does by itself: after each job, so that many jobs cannot
    /// put it off, and then while none waits; whoever asks for something waits for the end of one
    /// step at most, and closing for none to begin. Returns how long to leave it at that, `nil`
    /// until another job has been done.
    typealias Upkeep = @Sendable (Owned) -> Duration?

    private let mailbox: Mailbox<Owned>

    /// A thread for each of `owned`.
    init(
        _ owned: sending [Owned], upkeep: @escaping Upkeep = { _ in nil }
    ) throws(BufferError) {
        let mailbox = try Mailbox<Owned>(threads: owned.count)
        self.mailbox = mailbox
        for value in owned {
            let body = ThreadBody(
                { mailbox.work(on: value, upkeep) }, leave: { mailbox.leave() })
            guard body.start() == 0 else {
                mailbox.close()
                throw .outOfMemory("thread")
            }
        }
    }

    deinit { mailbox.close() }

    /// Does `body` on a thread of this worker.
    func run<Success: Sendable>(
        _ body: @escaping @Sendable (Owned) throws(BufferError) -> Success
    ) async throws(BufferError) -> Success {
        let result: Result<Success, BufferError> = await withCheckedContinuation { continuation in
            let isPosted = mailbox.post { owned in
                continuation.resume(
                    returning: Result { () throws(BufferError) in try body(owned) })
            }
            if !isPosted {
                continuation.resume(returning: .failure(.closed))
            }
        }
        return try result.get()
    }

    /// Has `job` done on a thread of this worker, some time; false if it is closed.
    @discardableResult
    func post(_ job: @escaping Job) -> Bool { mailbox.post(job) }

    /// Takes no more jobs, does `last` after those that wait, and returns when every thread has let
    /// go of what it owned.
    func finish(_ last: Job? = nil) async {
        await withCheckedContinuation { continuation in
            mailbox.close(after: last) { continuation.resume() }
        }
    }
}

/// The jobs that wait, and the bell.
private final class Mailbox<Owned>: Sendable {
    private struct Waiting {
        var jobs: [Worker<Owned>.Job] = []
        var isClosed = false
        var threads: Int
        var whenEmpty: [@Sendable () -> Void] = []
    }

    private let waiting: Mutex<Waiting>
    private let ears: Int32
    private let bell: Int32

    init(threads: Int) throws(BufferError) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw .outOfMemory("pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (ears, bell) = (ends[0], ends[1])
        waiting = Mutex(Waiting(threads: threads))
    }

    deinit { Glibc.close(ears) }

    /// False after `close`.
    func post(_ job: @escaping Worker<Owned>.Job) -> Bool {
        waiting.withLock { waiting in
            guard !waiting.isClosed else { return false }
            add(job, to: &waiting)
            return true
        }
    }

    private func add(_ job: @escaping Worker<Owned>.Job, to waiting: inout Waiting) {
        waiting.jobs.append(job)
        var byte: UInt8 = 0
        while write(bell, &byte, 1) == -1, errno == EINTR {}
    }

    func close(
        after last: Worker<Owned>.Job? = nil, then done: (@Sendable () -> Void)? = nil
    ) {
        let isOver = waiting.withLock { waiting in
            if !waiting.isClosed {
                if let last { add(last, to: &waiting) }
                Glibc.close(bell)
            }
            waiting.isClosed = true
            if waiting.threads > 0, let done { waiting.whenEmpty.append(done) }
            return waiting.threads == 0
        }
        if isOver { done?() }
    }

    /// Does jobs until the mailbox is closed and empty.
    func work(on owned: Owned, _ upkeep: Worker<Owned>.Upkeep) {
        var pause: Duration? = .zero
        while true {
            if rings(within: pause) {
                guard let job = take() else { return }
                job(owned)
            }
            pause = waiting.withLock { $0.isClosed } ? nil : upkeep(owned)
        }
    }

    /// Whether the bell rings within a time; `nil` waits until it does.
    private func rings(within pause: Duration?) -> Bool {
        // At least a millisecond, so that what waits for less does not spin.
        let wait = pause.map { $0 == .zero ? 0 : max(1, $0.milliseconds) } ?? -1
        while true {
            var bell = pollfd(fd: ears, events: Int16(POLLIN), revents: 0)
            let rang = poll(&bell, 1, Int32(clamping: wait))
            if rang != -1 || errno != EINTR { return rang != 0 }
        }
    }

    /// The next job; `nil` when there is none, and none will come.
    private func take() -> Worker<Owned>.Job? {
        var byte: UInt8 = 0
        while true {
            let count = read(ears, &byte, 1)
            if count == 1 { return waiting.withLock { $0.jobs.removeFirst() } }
            guard count == -1, errno == EINTR else { return nil }
        }
    }

    /// The last thread to leave tells those who wait.
    func leave() {
        let done = waiting.withLock { waiting in
            waiting.threads -= 1
            return waiting.threads == 0 ? waiting.whenEmpty : []
        }
        for tell in done { tell() }
    }
}

/// Carries a closure onto a new thread, which alone has it from then on.
private final class ThreadBody {
    private let body: () -> Void
    private let leave: @Sendable () -> Void

    /// `leave` is called when `body`, and all that it held, is gone.
    init(_ body: @escaping () -> Void, leave: @escaping @Sendable () -> Void) {
        self.body = body
        self.leave = leave
    }

    /// 0, or the errno of pthread_create.
    func start() -> Int32 {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, Self.stackSize)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let carried = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, &attributes,
            { raw in
                guard let raw else { return nil }
                var carried: ThreadBody? = Unmanaged<ThreadBody>.fromOpaque(raw).takeRetainedValue()
                let leave = carried?.leave
                carried?.body()
                carried = nil
                leave?()
                return nil
            }, carried.toOpaque())
        if code != 0 { carried.release() }
        return code
    }

    /// SQLite's deepest calls and our codec take some 50 KiB.
    private static let stackSize = 512 << 10
}
