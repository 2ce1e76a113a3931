// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// Lets only so many threads through at once, the others in the order in which they came.
final class Turnstile: Sendable {
    private struct Crowd {
        var places: Int
        /// Each waits for a bell of its own.
        var waiting: [Bell] = []
    }

    private let crowd: Mutex<Crowd>

    /// With `width` places, one or more.
    init(width: Int) {
        precondition(width > 0, "nobody would ever pass")
        crowd = Mutex(Crowd(places: width))
    }

    /// Waits for a place, which `leave` gives back; false if there is none by `deadline`, if there
    /// is one. Throws `.broken(errno: ECANCELED)` when `line` is asked to stop.
    func enter(
        by deadline: ContinuousClock.Instant? = nil, heeding line: Line?
    ) throws(ModbusError) -> Bool {
        let bell = Bell()
        crowd.withLock { crowd in
            if crowd.places > 0 {
                crowd.places -= 1
                bell.ring()
            } else {
                crowd.waiting.append(bell)
            }
        }
        while true {
            let attention = ContinuousClock.now + Wire.attention
            if bell.wait(until: min(deadline ?? attention, attention)) { return true }
            let isStopping = line?.isStopping == true
            // Whoever is not in the queue any more has just been given a place.
            guard isStopping || deadline.map({ $0 <= .now }) == true, withdraw(bell) else {
                continue
            }
            guard isStopping else { return false }
            throw .broken(errno: ECANCELED)
        }
    }

    /// Gives a place to whoever has waited longest.
    func leave() {
        crowd.withLock { crowd in
            if crowd.waiting.isEmpty {
                crowd.places += 1
            } else {
                crowd.waiting.removeFirst().ring()
            }
        }
    }

    /// How many wait.
    var waiting: Int { crowd.withLock(\.waiting.count) }

    private func withdraw(_ bell: Bell) -> Bool {
        crowd.withLock { crowd in
            guard let place = crowd.waiting.firstIndex(where: { $0 === bell }) else { return false }
            crowd.waiting.remove(at: place)
            return true
        }
    }
}
