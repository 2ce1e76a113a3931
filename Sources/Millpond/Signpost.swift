// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A value that is known once, later, and that tasks wait for.
final class Signpost<Value: Sendable>: Sendable {
    private enum State {
        case ahead([CheckedContinuation<Value, Never>])
        case reached(Value)
    }

    private let state = Mutex(State.ahead([]))

    /// The first value stays.
    func reach(_ value: Value) {
        let waiting = state.withLock { state -> [CheckedContinuation<Value, Never>] in
            guard case .ahead(let waiting) = state else { return [] }
            state = .reached(value)
            return waiting
        }
        for continuation in waiting { continuation.resume(returning: value) }
    }

    func reached() async -> Value {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state -> Value? in
                switch state {
                case .reached(let value):
                    return value
                case .ahead(let waiting):
                    state = .ahead(waiting + [continuation])
                    return nil
                }
            }
            if let known { continuation.resume(returning: known) }
        }
    }
}
