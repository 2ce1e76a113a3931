// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Glibc
internal import Synchronization

/// The jobs that wait, and the bell.
///
/// It is rung only for a thread that listens, once: there are never more bytes in the pipe than
/// threads, so that ringing does not block. Of the threads that listen, as many have been rung for
/// as are not counted in `listening`.
final class Mailbox<Owned>: Sendable {
    private struct Waiting {
        var jobs: ArraySlice<Worker<Owned>.Job> = []
        var listening = 0
        var isClosed = false
        var threads: Int
        var whenEmpty: [@Sendable () -> Void] = []
    }

    /// What a thread does next.
    private enum Next {
        case job(Worker<Owned>.Job)
        case nothing
        case end
    }

    private let waiting: Mutex<Waiting>
    private let ears: Int32
    private let bell: Int32

    init(threads: Int) throws(BufferError) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw .outOfMemory("pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (ears, bell) = (ends[0], ends[1])
        // Two threads may hear one byte.
        _ = fcntl(ears, F_SETFL, O_NONBLOCK)
        waiting = Mutex(Waiting(threads: threads))
    }

    deinit { Glibc.close(ears) }

    /// False after `close`.
    func post(_ job: @escaping Worker<Owned>.Job) -> Bool {
        waiting.withLock { waiting in
            guard !waiting.isClosed else { return false }
            waiting.jobs.append(job)
            guard waiting.listening > 0 else { return true }
            waiting.listening -= 1
            var byte: UInt8 = 0
            while write(bell, &byte, 1) == -1, errno == EINTR {}
            return true
        }
    }

    func close(
        after last: Worker<Owned>.Job? = nil, then done: (@Sendable () -> Void)? = nil
    ) {
        let isOver = waiting.withLock { waiting in
            if !waiting.isClosed {
                if let last { waiting.jobs.append(last) }
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
            switch next(within: pause) {
            case .job(let job): job(owned)
            case .nothing: break
            case .end: return
            }
            pause = waiting.withLock { $0.isClosed } ? nil : upkeep(owned)
        }
    }

    /// What there is to do; `nothing` after a time, which is never up if it is `nil`.
    private func next(within pause: Duration?) -> Next {
        while true {
            let next = waiting.withLock { waiting -> Next? in
                if let job = waiting.jobs.popFirst() { return .job(job) }
                if waiting.isClosed { return .end }
                waiting.listening += 1
                return nil
            }
            if let next { return next }
            guard isRung(within: pause) else { return .nothing }
        }
    }

    /// Whether the bell rings within a time.
    private func isRung(within pause: Duration?) -> Bool {
        // At least a millisecond, so that what waits for less does not spin.
        let wait = pause.map { $0 == .zero ? 0 : max(1, $0.milliseconds) } ?? -1
        while true {
            var bell = pollfd(fd: ears, events: Int16(POLLIN), revents: 0)
            if poll(&bell, 1, Int32(clamping: wait)) == 0 {
                let isLeft = waiting.withLock { waiting in
                    guard waiting.listening > 0 else { return false }
                    waiting.listening -= 1
                    return true
                }
                if isLeft { return false }
                // Just now it was rung for this one, too.
            }
            var byte: UInt8 = 0
            if read(ears, &byte, 1) >= 0 { return true }
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
