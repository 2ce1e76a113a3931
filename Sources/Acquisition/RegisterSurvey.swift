// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Modbus

/// Finds which registers of one table a unit has: asks for blocks and halves what is refused.
///
/// A value: `next` says what to ask, `take` what came of it. The large blocks come first, so that
/// what a spent budget leaves unknown are details. Halves lie at even addresses, because some
/// devices give 32-bit values whole or not at all.
package struct RegisterSurvey: Sendable {
    /// What came of a request.
    package enum Answer: Sendable {
        case words
        case refused(exception: UInt8)
        /// No answer, or none that could be understood.
        case lost
    }

    /// Why it went no further than it did.
    package enum End: Hashable, Sendable {
        /// Everything asked for is known.
        case complete
        /// The unit does not serve this table at all (exception 1).
        case noTable
        /// The requests that it may make were made.
        case budget
        /// It stopped answering, to so many questions in a row.
        case silence
    }

    /// A gateway between takes longer for each; a unit that is deaf to three is deaf.
    static let patience = 3
    /// What nearly every device answers at once.
    package static let block = 64
    /// The most requests in one table: three levels of halving of eight blocks and then some.
    package static let limit = 600

    /// Whose registers.
    package let unit: UInt8
    /// Which of them.
    package let table: Table
    /// Blocks that were answered, by address.
    package private(set) var found: [Range<Int>] = []
    /// How many requests were made.
    package private(set) var requests = 0
    /// Why it ended; `nil` while it goes on.
    package private(set) var end: End?
    /// The most that was answered at once.
    package private(set) var largest = 0

    private let limit: Int
    private var queue: [Range<Int>]
    private var losses = 0

    /// Surveys `addresses` of the table with at most `limit` requests.
    package init(
        unit: UInt8, table: Table, addresses: [Range<Int>], limit: Int = RegisterSurvey.limit
    ) {
        self.unit = unit
        self.table = table
        self.limit = limit
        queue = addresses.flatMap { range in
            stride(from: range.lowerBound, to: range.upperBound, by: Self.block).map {
                $0..<min($0 + Self.block, range.upperBound)
            }
        }
    }

    /// The next request; `nil` when it has ended.
    package mutating func next() -> Request? {
        guard end == nil else { return nil }
        guard let block = queue.first else {
            end = .complete
            return nil
        }
        guard requests < limit else {
            end = .budget
            return nil
        }
        return Request(
            unit: unit, table: table, start: UInt16(block.lowerBound), count: block.count)
    }

    /// Takes what came of the request that `next` gave.
    package mutating func take(_ answer: Answer) {
        let block = queue.removeFirst()
        requests += 1
        switch answer {
        case .words:
            losses = 0
            largest = max(largest, block.count)
            found.append(block)
            found.sort { $0.lowerBound < $1.lowerBound }
        case .refused(exception: 1):
            end = found.isEmpty ? .noTable : .complete
        case .refused(exception: 10), .refused(exception: 11), .lost:
            losses += 1
            if losses == Self.patience {
                end = .silence
            } else {
                queue.append(contentsOf: halves(of: block))
            }
        case .refused:
            losses = 0
            queue.append(contentsOf: halves(of: block))
        }
    }

    /// Addresses that were to be asked for and were not, or not to the end.
    package var unknown: [Range<Int>] { queue.sorted { $0.lowerBound < $1.lowerBound } }

    private func halves(of block: Range<Int>) -> [Range<Int>] {
        guard block.count > 1 else { return [] }
        var middle = block.lowerBound + block.count / 2
        if middle % 2 == 1, middle + 1 < block.upperBound { middle += 1 }
        return [block.lowerBound..<middle, middle..<block.upperBound]
    }
}

extension RegisterSurvey {
    /// What was found, with neighbours joined.
    package var runs: [Range<Int>] {
        found.reduce(into: []) { runs, block in
            if let last = runs.last, last.upperBound == block.lowerBound {
                runs[runs.count - 1] = last.lowerBound..<block.upperBound
            } else {
                runs.append(block)
            }
        }
    }
}
