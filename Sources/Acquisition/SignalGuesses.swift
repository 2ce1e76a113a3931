// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
package import Plant

/// What the registers of an unknown device seem to hold, all of them, in one word order.
///
/// Devices keep to one order, so each of the four is tried on everything and the one that explains
/// most is taken; in it every run is cut into values so that together they explain most.
package struct SignalGuesses: Sendable {
    /// The order that explains most; ABCD where none matters.
    package let order: RegisterLayout.Order
    /// How many values of two registers or more speak for that order.
    package let witnesses: Int
    /// By table and address; every register of every run lies in exactly one.
    package let signals: [SignalGuess]

    /// Guesses from `runs`.
    package init(_ runs: [SampledRun]) {
        let readings = RegisterLayout.Order.allCases.map { order in
            (order, runs.map { Segmentation($0, order) })
        }
        let best = readings.dropFirst().reduce(readings[0]) { best, other in
            Self.score(other) > Self.score(best) ? other : best
        }
        order = best.0
        signals = best.1.flatMap(\.guesses)
        witnesses = signals.count { $0.layout.width > 1 && $0.reason != .zeroAmongOthers }
    }

    private static func score(
        _ reading: (order: RegisterLayout.Order, runs: [Segmentation])
    ) -> Double {
        reading.runs.reduce(-rarity(of: reading.order)) { $0 + $1.score }
    }

    /// In bits: swapped registers are common in the field, swapped bytes are not, and one float by
    /// chance must not outweigh that.
    private static func rarity(of order: RegisterLayout.Order) -> Double {
        switch order {
        case .abcd: 0
        case .cdab: 1
        case .badc, .dcba: 4
        }
    }
}

/// A run cut into values.
private struct Segmentation {
    private let run: SampledRun
    private let order: RegisterLayout.Order
    private var pieces: [(index: Int, what: GuessCandidate)] = []
    private(set) var score = 0.0

    init(_ run: SampledRun, _ order: RegisterLayout.Order) {
        self.run = run
        self.order = order
        let candidates = GuessCandidates(run, order)
        // From the end: what explains most from each place on.
        var best = [Double](repeating: 0, count: run.count + 1)
        var choice: [GuessCandidate?] = Array(repeating: nil, count: run.count)
        for index in (0..<run.count).reversed() {
            for candidate in candidates.all(at: index) {
                let total = candidate.score + best[index + candidate.width]
                guard choice[index] == nil || total > best[index] else { continue }
                best[index] = total
                choice[index] = candidate
            }
        }
        score = best[0]
        var index = 0
        while index < run.count, let what = choice[index] {
            pieces.append((index, what))
            index += what.width
        }
        fillZeros()
    }

    /// Zeros between pairs of one type are pairs of that type: a phase without a wire reads 0.
    private mutating func fillZeros() {
        var filled: [(index: Int, what: GuessCandidate)] = []
        var place = 0
        while place < pieces.count {
            let zeros = pieces[place...].prefix { $0.what.reason == .zero }
            let neighbours = [
                filled.last?.what,
                zeros.endIndex < pieces.count ? pieces[zeros.endIndex].what : nil,
            ].compactMap(\.self).filter { $0.width == 2 }
            if let pair = neighbours.first, zeros.count % 2 == 0 {
                for index in stride(from: 0, to: zeros.count, by: 2) {
                    let zero = GuessCandidate(
                        encoding: pair.encoding, width: 2, score: 0, reason: .zeroAmongOthers)
                    filled.append((pieces[place + index].index, zero))
                }
            } else {
                filled += zeros
            }
            place = zeros.endIndex
            if place < pieces.count {
                filled.append(pieces[place])
                place += 1
            }
        }
        pieces = filled
    }

    var guesses: [SignalGuess] {
        pieces.map { index, what in
            let isOneWord = what.width == 1 && (order == .cdab || order == .abcd)
            let layout = RegisterLayout(
                encoding: what.encoding, order: isOneWord ? .abcd : order, width: what.width)
            return SignalGuess(
                table: run.table, address: run.start + index, layout: layout, reason: what.reason,
                values: run.words(index, what.width).map { layout.raw(of: $0).value })
        }
    }
}
