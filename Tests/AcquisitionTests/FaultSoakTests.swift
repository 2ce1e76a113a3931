// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus
import Synchronization
import Testing

@testable import Acquisition

/// Faults one after the other, as chance will have it, on a line that is never made anew.
struct FaultSoakTests {
    private static let timeout = Duration.milliseconds(200)
    private static let length = Duration.seconds(3)
    /// The most polls that one fault lasts, or one good while.
    private static let mostPolls = 5

    struct Outcome: Sendable {
        var tally = FaultRow.Tally()
        /// What was committed, for whoever has to find out why.
        var story: [String] = []
        /// When all is over: polls of the misbehaving unit, and which of them was the last bad.
        var lastBad = -1
    }

    @Test(arguments: Way.allCases, [1, 2] as [UInt64])
    func `whatever comes in whatever order, no value is wrong`(way: Way, seed: UInt64) async throws {
        let box = Box()
        let line = Line(name: "soak") { line in
            let outcome = Result { () throws(ModbusError) in try Self.soak(way, seed, on: line) }
            box.result.withLock { $0 = outcome }
        }
        await line.finished()
        let result = box.result.withLock(\.self)
        let outcome = try #require(result).get()
        let story: Comment = "seed \(seed), \(way.rawValue): \(outcome.story.joined(separator: " "))"
        #expect(outcome.tally.wrong == 0, story)
        #expect(outcome.tally.mistakes.isEmpty, story)
        #expect(outcome.tally.right > 100, story)
        #expect(outcome.lastBad < FaultRow.latestReturn - 1, story)
    }

    private static func soak(
        _ way: Way, _ seed: UInt64, on line: Line
    ) throws(ModbusError) -> Outcome {
        var dice = Dice(seed: seed)
        var outcome = Outcome()
        var troubled = try TroubledLine(way, timeout: timeout, heeding: line)
        let cases = FaultCase.all.filter { $0.isFair(at: troubled.endpoint) }
        let end = ContinuousClock.now + length
        _ = troubled.poll(mostPolls)
        var aftermath = Duration.zero
        while end > .now, let fault = cases.randomElement(using: &dice) {
            outcome.story.append(fault.name)
            troubled.commit(fault.faults.randomElement(using: &dice))
            _ = troubled.poll(Int.random(in: 1...mostPolls, using: &dice))
            aftermath = max(aftermath, fault.aftermath)
            guard Bool.random(using: &dice) else { continue }
            troubled.commit(nil)
            _ = troubled.poll(Int.random(in: 1...mostPolls, using: &dice))
        }
        troubled.commit(nil)
        // What is still owed comes first.
        _ = troubled.poll(FaultRow.latestReturn, for: aftermath)
        let after = troubled.poll(2 * mostPolls).filter { $0.unit == Registers.units.lowerBound }
        outcome.lastBad = after.lastIndex { !$0.isGood } ?? -1
        outcome.tally = troubled.tally
        return outcome
    }

    private final class Box: Sendable {
        let result = Mutex<Result<Outcome, ModbusError>?>(nil)
    }
}
