// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A plain thread with a mailbox: it owns one link, may block, and is asked to stop.
package final class Line: Sendable {
    package enum Wake: Sendable { case due, stop }

    /// Starts a thread named `name` (cut to 15 bytes) that runs `body` to its end.
    package init(name: String, _ body: @escaping @Sendable (Line) -> Void) {
        fatalError("skeleton")
    }

    /// Sleeps until `instant` or until asked to stop; called on the line's own thread.
    package func pause(until instant: ContinuousClock.Instant) -> Wake { fatalError("skeleton") }

    package var isStopping: Bool { fatalError("skeleton") }

    /// Asks the thread to stop, from any thread; returns at once.
    package func stop() { fatalError("skeleton") }

    /// Waits until `body` has returned, without blocking the caller's thread.
    package func finished() async { fatalError("skeleton") }
}
