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
    /// Of each passenger that is held against what it read before; empty if there is none.
    private var watches: [CountWatch?]

    init(_ read: ReadPlan.Read, of points: [Point]) {
        self.read = read
        turns = Array(repeating: nil, count: read.passengers.count)
        watches = read.passengers.map { passenger in
            let point = points[passenger.point]
            return point.isWatched ? CountWatch(point.source) : nil
        }
        if watches.allSatisfy({ $0 == nil }) { watches = [] }
    }

    /// Reads the passengers whose turn it is out of an answer; all of them without a `slot`.
    /// Returns whether some of them are in doubt and have to be asked for again at once.
    mutating func answer(
        _ words: [UInt16], slot: Int?, of device: DevicePlan, into report: inout Report
    ) -> Bool {
        var isInDoubt = false
        report.observations.reserveCapacity(read.passengers.count)
        for (index, passenger) in read.passengers.enumerated() where isDue(index, in: slot) {
            turns[index] = slot.map { $0 / passenger.stride }
            // Used where they lie: to copy a point costs more than what is asked of it.
            let (points, place) = (device.points, passenger.point)
            let words = words[passenger.offset..<passenger.offset + points[place].extent.count]
            let signal = device.firstSignals[place]
            var content = points[place].content(of: words)
            if !watches.isEmpty, watches[index] != nil {
                let settled = settle(index, content, points[place], words, signal, &report)
                guard let settled else {
                    turns[index] = nil
                    isInDoubt = true
                    continue
                }
                content = settled
            }
            report.observations.append(.init(signal: signal, content: content))
            guard !points[place].bits.isEmpty else { continue }
            let bits = points[place].bitContents(of: words, within: content)
            for (position, content) in bits.enumerated() {
                report.observations.append(
                    .init(signal: signal + 1 + position, content: content))
            }
        }
        return isInDoubt
    }

    /// What is to be said of a passenger that is held against what it read before; `nil` while it
    /// is in doubt.
    private mutating func settle(
        _ index: Int, _ content: Reading.Content, _ point: Point, _ words: ArraySlice<UInt16>,
        _ signal: Int, _ report: inout Report
    ) -> Reading.Content? {
        switch watches[index]?.take(point.count(in: words, content: content)) {
        case .again:
            return nil
        case .torn:
            return .bad(.garbled)
        case .accepted(let step?):
            report.steps.append(Report.Step(signal: signal, step: step))
            return content
        case .accepted(nil), nil:
            return content
        }
    }

    /// Makes the passengers whose turn it is bad; all of them without a `slot`. They are due again
    /// at the next answer.
    mutating func fail(
        _ reason: Reason, slot: Int?, of device: DevicePlan, into report: inout Report
    ) {
        for (index, passenger) in read.passengers.enumerated() where isDue(index, in: slot) {
            turns[index] = nil
            if !watches.isEmpty { watches[index]?.settle() }
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
