// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Plant

/// A read on its line's rounds.
struct ReadRound: Sendable {
    let read: ReadPlan.Read
    /// The exception with which it is refused now.
    var refusal: UInt8?
    /// Of each passenger, the turn it last had, in its own period; `nil` makes it due at once.
    private var turns: [Int?]

    init(_ read: ReadPlan.Read) {
        self.read = read
        turns = Array(repeating: nil, count: read.passengers.count)
    }

    /// Whether something of it was missed that is due again at the next answer.
    var isOwed: Bool { refusal == nil && turns.contains(nil) }

    /// Reads the passengers whose turn it is out of an answer; all of them without a `slot`.
    mutating func answer(
        _ words: [UInt16], slot: Int?, of device: DevicePlan, into report: inout Report
    ) {
        for (index, passenger) in read.passengers.enumerated() where isDue(index, in: slot) {
            turns[index] = slot.map { $0 / passenger.stride }
            let point = device.points[passenger.point]
            let end = passenger.offset + point.source.layout.width
            let signal = device.firstSignals[passenger.point]
            let content = point.content(of: words[passenger.offset..<end])
            report.observations.append(.init(signal: signal, content: content))
            guard !point.bits.isEmpty else { continue }
            let bits = point.bitContents(of: words[passenger.offset..<end], within: content)
            for (position, content) in bits.enumerated() {
                report.observations.append(
                    .init(signal: signal + 1 + position, content: content))
            }
        }
    }

    /// Makes the passengers whose turn it is bad; all of them without a `slot`. They are due again
    /// at the next answer.
    mutating func fail(
        _ reason: Reason, slot: Int?, of device: DevicePlan, into report: inout Report
    ) {
        for (index, passenger) in read.passengers.enumerated() where isDue(index, in: slot) {
            turns[index] = nil
            let first = device.firstSignals[passenger.point]
            for signal in first...first + device.points[passenger.point].bits.count {
                report.observations.append(.init(signal: signal, content: .bad(reason)))
            }
        }
    }

    private func isDue(_ index: Int, in slot: Int?) -> Bool {
        guard let slot, let turn = turns[index] else { return true }
        return slot / read.passengers[index].stride != turn
    }
}
