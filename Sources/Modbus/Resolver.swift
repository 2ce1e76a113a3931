// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The names that wait to be looked up, in order, and the threads that do it: none when none waits.
final class Resolver: Sendable {
    /// Names that are looked up at once. Each may hold a thread and two descriptors for as long as
    /// a name server is mute, and there are 1024 descriptors for everything.
    static let limitAtOnce = 16

    private let state = Mutex((waiting: [@Sendable () -> Void](), threads: 0))

    /// Runs `work`, which may block, on a thread for such.
    func add(_ work: @escaping @Sendable () -> Void) {
        let isCrowded = state.withLock { state in
            state.waiting.append(work)
            guard state.threads < Self.limitAtOnce else { return true }
            state.threads += 1
            return false
        }
        guard !isCrowded else { return }
        _ = Line(name: "resolve") { _ in
            while let work = self.next() { work() }
        }
    }

    private func next() -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.threads -= 1
            return nil
        }
    }
}
