// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A question to which something came that may be an earlier answer; it is asked again.
struct Doubt {
    /// The last time.
    private(set) var asked: Debts.Asking
    /// How many times it was asked.
    private(set) var asks = 1
    /// Whether one of the frames came twice: then both answered the question, or it makes no
    /// difference which did.
    private(set) var isConfirmed = false
    private var frames: [[UInt8]] = []

    init(asked: Debts.Asking) { self.asked = asked }

    mutating func ask(_ asked: Debts.Asking) {
        self.asked = asked
        asks += 1
    }

    mutating func note(_ frame: ArraySlice<UInt8>) {
        frames.append(Array(frame))
    }

    /// Whether `frame` came in answer to the question before.
    mutating func confirm(_ frame: ArraySlice<UInt8>) -> Bool {
        isConfirmed = frames.contains { $0.elementsEqual(frame) }
        return isConfirmed
    }

    /// The unit repeats itself: to come twice says nothing.
    mutating func distrust() { frames = [] }
}
