// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CModbus
internal import Glibc
internal import Synchronization

/// A bell that threads wait for and any thread rings; once rung it stays rung.
///
/// A semaphore wakes it, for nothing else is taken or given back: a condition variable's mutex
/// cost a tenth of what 850 lines spent in the kernel.
final class Bell: Sendable {
    /// Why unsafe is safe here: the pointer never changes, what it points to is made before and
    /// unmade after any other use, and in between it is only given to calls that any thread may
    /// make (sem_overview(7)).
    nonisolated(unsafe) private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private let rung = Atomic(false)

    init() {
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    var isRung: Bool { rung.load(ordering: .acquiring) }

    func ring() {
        guard !rung.exchange(true, ordering: .acquiringAndReleasing) else { return }
        sem_post(semaphore)
    }

    /// Blocks the calling thread until the bell is rung or `instant` has come; true when rung.
    func wait(until instant: ContinuousClock.Instant) -> Bool {
        while !isRung {
            let left = instant - .now
            guard left > .zero else { return false }
            var end = Self.monotonic(after: left)
            // Who is woken wakes the next one: it stays rung for all.
            if sem_clockwait(semaphore, CLOCK_MONOTONIC, &end) == 0 { sem_post(semaphore) }
        }
        return true
    }

    /// Swift's continuous clock counts a suspended machine's time, which nothing can
    /// wait for; so the rest is measured anew on the monotonic clock at every turn.
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

extension Duration {
    /// Whole nanoseconds, of what the monotonic clock measured: 292 years before they overflow.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}

extension timespec {
    /// A duration of zero or more, to the nanosecond.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = max(duration, .zero).components
        self.init(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    }
}
