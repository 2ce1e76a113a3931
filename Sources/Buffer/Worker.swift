// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Threads of their own that own one value each, may block, and do jobs one after another.
///
/// Callers are resumed by continuation, so nothing blocks the cooperative pool. A pipe is the
/// bell: a byte wakes one thread, and its end sends them home when all jobs are done. As many jobs
/// wait as callers do, each of which awaits its own; who asks for one never waits for the bell.
final class Worker<Owned>: Sendable {
    typealias Job = @Sendable (Owned) -> Void

    /// One short step of what a thread does by itself: after each job, so that many jobs cannot
    /// put it off, and then while none waits; whoever asks for something waits for the end of one
    /// step at most, and closing for none to begin. Returns how long to leave it at that, `nil`
    /// until another job has been done.
    typealias Upkeep = @Sendable (Owned) -> Duration?

    private let mailbox: Mailbox<Owned>

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
        upkeep: @escaping Upkeep = { _ in nil }
    ) throws(BufferError) {
        let mailbox = try Mailbox<Owned>(threads: owned.count)
        self.mailbox = mailbox
        for value in owned {
            let body = ThreadBody(
                {
                    if urgency == .patient { Niceness.yield() }
                    mailbox.work(on: value, upkeep)
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

/// The priority of a thread.
private enum Niceness {
    /// A tenth of the share that others get, where there is not enough for all (sched(7)).
    private static let patience: Int32 = 10

    /// Has the calling thread, on Linux it alone, stand back; where that is forbidden, nothing is
    /// lost but time.
    static func yield() { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, patience) }
}
