// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Modbus
internal import Synchronization
internal import UnixSignals

/// Blocking work of a command on a thread of its own, which Ctrl-C and SIGTERM ask to stop.
enum ToolThread {
    /// What `body` returns. A link that heeds the line fails within a quarter of a second once a
    /// signal has come, so that what is known until then can still be told.
    static func run<Outcome: Sendable>(
        _ body: @escaping @Sendable (Line) -> Outcome
    ) async -> Outcome {
        let box = OutcomeBox<Outcome>()
        let line = Line(name: "tool") { line in box.put(body(line)) }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
                    line.stop()
                }
            }
            await line.finished()
            group.cancelAll()
        }
        guard let outcome = box.outcome else {
            preconditionFailure("a line has finished when its body has returned")
        }
        return outcome
    }
}

/// Where a thread leaves what it found.
private final class OutcomeBox<Outcome: Sendable>: Sendable {
    private let content = Mutex<Outcome?>(nil)

    func put(_ outcome: Outcome) { content.withLock { $0 = outcome } }

    var outcome: Outcome? { content.withLock(\.self) }
}
