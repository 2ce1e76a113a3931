// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// How far a long command is, on standard error: one line that is written over on a terminal, and
/// nothing but the events elsewhere.
struct Progress: Sendable {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    /// Wider lines would break and stay.
    private static let width = 79

    /// Replaces the line that stands there.
    func show(_ text: @autoclosure () -> String) {
        guard isTerminal else { return }
        Terminal.mark("\r\u{1B}[K" + text().prefix(Self.width))
    }

    /// Takes the line away, before something that stays.
    func clear() {
        if isTerminal { Terminal.mark("\r\u{1B}[K") }
    }

    /// Something that stays.
    func say(_ text: String) {
        clear()
        Terminal.say(text)
    }
}
