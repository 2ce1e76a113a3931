// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Modbus

/// Whether a line bears it when a silent device is given up sooner than configured.
///
/// On a serial line a question is over when its time is. Behind a socket there may be a gateway with
/// a queue of its own, where a question that was given up holds up the next ones, and whose late
/// answers need not come in order: there it gets all its time. And some devices on a serial line
/// hold back: those made with libmodbus take the next question for the missing answer, half a second
/// long; and one that is slow, not dead, speaks into it. If a device that answered falls silent
/// after haste, twice in a row, there is no more haste.
struct Haste: Equatable, Sendable {
    /// One lost frame is no proof.
    private static let mostHarm = 2

    private let isPossible: Bool
    private var harm = 0
    /// The device whose short timeout was the last thing on the wire.
    private var victim: Int?

    init(on endpoint: Endpoint) {
        if case .serial = endpoint { isPossible = true } else { isPossible = false }
    }

    var isGood: Bool { isPossible && harm < Self.mostHarm }

    /// `device` has answered.
    mutating func answered(_ device: Int) {
        if let victim, victim != device, isGood { harm = 0 }
        victim = nil
    }

    /// `device` has not answered.
    mutating func failed(_ device: Int, wasAnswering: Bool, wasHasty: Bool) {
        if let victim, victim != device, wasAnswering { harm += 1 }
        victim = wasHasty ? device : nil
    }
}
