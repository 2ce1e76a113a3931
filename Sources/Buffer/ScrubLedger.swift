// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// How far the check of stored batches is.
package struct ScrubProgress: Hashable, Sendable {
    /// Batches that were looked at in this pass, or in the last one while none is under way.
    package var batches = 0
    /// Bytes of them.
    package var bytes = 0
    /// Those that were damaged, of all passes since the start.
    package var damaged = 0
    /// Whole passes since the start.
    package var passes = 0
    /// How long ago the last whole pass ended; `nil` if there was none since the start.
    package var sinceLast: Duration?

    package init() {}
}

/// What the scrub has done, for whoever asks.
final class ScrubLedger: Sendable {
    private struct State {
        var progress = ScrubProgress()
        var ended: ContinuousClock.Instant?
        var isReported = false
    }
    private let state = Mutex(State())

    /// Whether the writer has not seen yet to what was found last.
    var isReported: Bool {
        get { state.withLock { $0.isReported } }
        set { state.withLock { $0.isReported = newValue } }
    }

    var progress: ScrubProgress {
        state.withLock { state in
            var progress = state.progress
            progress.sinceLast = state.ended.map { .now - $0 }
            return progress
        }
    }

    func begin() {
        state.withLock { ($0.progress.batches, $0.progress.bytes) = (0, 0) }
    }

    func add(bytes: Int, isDamaged: Bool) {
        state.withLock { state in
            state.progress.batches += 1
            state.progress.bytes += bytes
            if isDamaged { state.progress.damaged += 1 }
        }
    }

    func finish() {
        state.withLock { state in
            state.progress.passes += 1
            state.ended = .now
        }
    }
}
