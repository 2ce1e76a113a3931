// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Something that happens once, and can be awaited.
final class Milestone: Sendable {
    private struct State {
        /// How many must still report before it is reached.
        var missing: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    /// Reached when `count` parties have reported.
    init(count: Int) { state = Mutex(State(missing: count)) }

    var isReached: Bool { state.withLock { $0.missing <= 0 } }

    /// One party reports.
    func report() {
        let waiting = state.withLock { state in
            state.missing -= 1
            guard state.missing <= 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns when it is reached, or at once if it is.
    func reached() async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.missing > 0 { state.waiting.append(continuation) }
                return state.missing <= 0
            }
            if isReached { continuation.resume() }
        }
    }
}
