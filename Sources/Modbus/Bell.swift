// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A bell that one thread waits for and any thread rings; once rung it stays rung.
final class Bell: Sendable {
    private struct Parts {
        let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        let rung = UnsafeMutablePointer<Bool>.allocate(capacity: 1)
    }

    /// Proof of safety: the pointers never change, what they point to is made before and unmade
    /// after any other use, and `rung` is touched only while `mutex` is held.
    nonisolated(unsafe) private let parts = Parts()

    init() {
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(parts.condition, &attributes)
        pthread_condattr_destroy(&attributes)
        pthread_mutex_init(parts.mutex, nil)
        parts.rung.initialize(to: false)
    }

    deinit {
        pthread_cond_destroy(parts.condition)
        pthread_mutex_destroy(parts.mutex)
        parts.condition.deallocate()
        parts.mutex.deallocate()
        parts.rung.deallocate()
    }

    var isRung: Bool {
        pthread_mutex_lock(parts.mutex)
        defer { pthread_mutex_unlock(parts.mutex) }
        return parts.rung.pointee
    }

    func ring() {
        pthread_mutex_lock(parts.mutex)
        parts.rung.pointee = true
        pthread_cond_broadcast(parts.condition)
        pthread_mutex_unlock(parts.mutex)
    }

    /// Blocks the calling thread until the bell is rung or `instant` has come; true when rung.
    func wait(until instant: ContinuousClock.Instant) -> Bool {
        pthread_mutex_lock(parts.mutex)
        defer { pthread_mutex_unlock(parts.mutex) }
        while !parts.rung.pointee {
            let left = instant - .now
            guard left > .zero else { return false }
            var end = Self.monotonic(after: left)
            pthread_cond_timedwait(parts.condition, parts.mutex, &end)
        }
        return true
    }

    /// Swift's continuous clock counts a suspended machine's time, which no condition variable
    /// can wait for; so the rest is measured anew on the monotonic clock at every turn.
    private static func monotonic(after left: Duration) -> timespec {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let rest = timespec(min(left, .seconds(86_400)))
        let nanoseconds = now.tv_nsec + rest.tv_nsec
        return timespec(
            tv_sec: now.tv_sec + rest.tv_sec + nanoseconds / 1_000_000_000,
            tv_nsec: nanoseconds % 1_000_000_000)
    }
}

extension timespec {
    /// A duration of zero or more, to the nanosecond.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = max(duration, .zero).components
        self.init(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    }
}
