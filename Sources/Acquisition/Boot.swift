// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment

/// The boot of the box that the gateway runs in.
struct Boot: Sendable {
    /// The kernel's id of it.
    let id: String
    /// How long it had lasted when the gateway's monotonic clock stood at zero.
    let started: Uptime

    func uptime(at monotonic: Duration) -> Uptime {
        Uptime(milliseconds: started.milliseconds + monotonic.milliseconds)
    }

    /// How the wall clock stood, without synchronisation, when `batch` was sealed in this boot;
    /// `nil` if it was not so.
    func stand(of batch: BatchHead) -> ClockStand? {
        guard batch.boot == id, batch.clock == .unsynced, let monotonic = batch.monotonic else {
            return nil
        }
        return ClockStand(time: batch.sealed, uptime: monotonic.upperBound)
    }

    /// How the wall clock stands at `now`.
    func stand(at now: Moment) -> ClockStand {
        ClockStand(time: now.time, uptime: uptime(at: now.monotonic))
    }
}

/// How the wall clock stands against the uptime: the time at which the box was booted, if that
/// clock were right.
struct ClockStand: Equatable, Sendable {
    private let milliseconds: Int64

    init(time: Timestamp, uptime: Uptime) {
        milliseconds = time.milliseconds &- uptime.milliseconds
    }

    /// How far the wall clock has been moved since `earlier`, forwards if positive.
    func moved(since earlier: ClockStand) -> Duration {
        .milliseconds(milliseconds &- earlier.milliseconds)
    }
}
