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

    private let mailbox: Mailbox<Owned>

    /// What a thread does while no job waits: one short step, as jobs wait for its end. Returns
    /// how long to leave it at that; `nil` until another job has been done.
    typealias Leisure = @Sendable (Owned) -> Duration?

    /// How its threads stand to the others of the process.
    enum Urgency {
        /// As any other.
        case usual
        /// What they do can wait while somebody polls, or seals.
        case patient
    }

    /// A thread for each of `owned`.
    init(
        _ owned: sending [Owned], _ urgency: Urgency = .usual,
        leisure: @escaping Leisure = { _ in nil }
    ) throws(BufferError) {
        let mailbox = try Mailbox<Owned>(threads: owned.count)
        self.mailbox = mailbox
        for value in owned {
            let body = ThreadBody(
                {
                    if urgency == .patient { Niceness.yield() }
                    mailbox.work(on: value, leisure)
                }, leave: { mailbox.leave() })
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

    /// Has `job` done on a thread of this worker, some time, unless it is closed.
    func post(_ job: @escaping Job) { _ = mailbox.post(job) }

    /// Does `chore` until it says that no more is to be done: each time as a job of its own, so
    /// that what others want comes in between.
    func tend(_ chore: @escaping @Sendable (Owned) -> Bool) {
        mailbox.tend(chore)
    }

    /// Returns when every job is done and every thread has let go of what it owned.
    func finish() async {
        await withCheckedContinuation { continuation in
            mailbox.close { continuation.resume() }
        }
    }
}

/// The priority of a thread.
private enum Niceness {
    /// A tenth of the share that others get, where there is not enough for all (sched(7)).
    private static let patience: Int32 = 10

    /// Has the calling thread, on Linux it alone, stand back; where that is forbidden, nothing is
    /// lost but time.
    static func yield() { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, patience) }
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
            waiting.jobs.append(job)
            var byte: UInt8 = 0
            while write(bell, &byte, 1) == -1, errno == EINTR {}
            return true
        }
    }

    func tend(_ chore: @escaping @Sendable (Owned) -> Bool) {
        // Once it is closed nothing more is begun.
        _ = post { owned in if chore(owned) { self.tend(chore) } }
    }

    func close(then done: (@Sendable () -> Void)? = nil) {
        let isOver = waiting.withLock { waiting in
            if !waiting.isClosed { Glibc.close(bell) }
            waiting.isClosed = true
            if waiting.threads > 0, let done { waiting.whenEmpty.append(done) }
            return waiting.threads == 0
        }
        if isOver { done?() }
    }

    /// Does jobs until the mailbox is closed and empty.
    func work(on owned: Owned, _ leisure: Worker<Owned>.Leisure) {
        var byte: UInt8 = 0
        while true {
            spend(leisure, on: owned)
            let count = read(ears, &byte, 1)
            if count == -1, errno == EINTR { continue }
            guard count == 1 else { return }
            let job = waiting.withLock { $0.jobs.removeFirst() }
            job(owned)
        }
    }

    /// Returns when the bell rings, or there is nothing to do until it does.
    private func spend(_ leisure: Worker<Owned>.Leisure, on owned: Owned) {
        var pause = Duration.zero
        while true {
            var bell = pollfd(fd: ears, events: Int16(POLLIN), revents: 0)
            // At least a millisecond, so that what waits for less does not spin.
            let wait = pause == .zero ? 0 : max(1, pause.milliseconds)
            let rang = poll(&bell, 1, Int32(clamping: wait))
            if rang == -1, errno == EINTR { continue }
            guard rang == 0, let next = leisure(owned) else { return }
            pause = next
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
