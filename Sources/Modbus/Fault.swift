// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What a served unit does wrong, from now on, with every request.
package enum Fault: Hashable, Sendable {
    /// Answers right, but so much later; in order, as a device does.
    case late(Duration)
    case silent
    /// Refuses with this code, 1–255.
    case exception(UInt8)
    /// Answers in the name of the next unit.
    case wrongUnit
    /// Answers with as many bytes as would be right, all of them wrong.
    case garbage
    /// Answers right, one byte at a time, each so long after the one before.
    case drip(Duration)
    /// Resets the connection instead of answering; on a serial line it stays silent.
    case reset
}
