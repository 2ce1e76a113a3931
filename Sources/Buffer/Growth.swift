// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The newest cursor, and those who wait for a newer one.
final class Growth: Sendable {
    private struct Waiter {
        let sequence: Int64
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var newest: Cursor
        var waiters: [UInt64: Waiter] = [:]
        var nextID: UInt64 = 0
        var isClosed = false
    }

    private let state: Mutex<State>

    init(newest: Cursor) {
        state = Mutex(State(newest: newest))
    }

    var newest: Cursor { state.withLock { $0.newest } }

    /// How many wait.
    var waiting: Int { state.withLock { $0.waiters.count } }

    /// Wakes all who waited for it; in a new epoch, all who wait.
    func reach(_ newest: Cursor) {
        let reached = state.withLock { state in
            let isNew = state.newest.epoch != newest.epoch
            state.newest = newest
            let reached = state.waiters.filter { isNew || $0.value.sequence < newest.sequence }
            for id in reached.keys { state.waiters[id] = nil }
            return reached.values.map(\.continuation)
        }
        for continuation in reached { continuation.resume(returning: true) }
    }

    /// Sends all who wait away.
    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [:] }
            return state.waiters.values.map(\.continuation)
        }
        for continuation in waiters { continuation.resume(returning: false) }
    }

    /// Returns when `newest` exceeds `sequence`; throws on cancellation and when it is closed.
    func beyond(_ sequence: Int64) async throws(CancellationError) {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let grew = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.newest.sequence > sequence { return true }
                    // Cancelled before this lock: the handler has found nobody and is gone.
                    if state.isClosed || Task.isCancelled { return false }
                    state.waiters[id] = Waiter(sequence: sequence, continuation: continuation)
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation
                .resume(returning: false)
        }
        guard grew else { throw CancellationError() }
    }
}
