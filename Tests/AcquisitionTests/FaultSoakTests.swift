// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus
import Synchronization
import Testing

@testable import Acquisition

/// Faults one after the other, as chance will have it, on a line that is never made anew.
struct FaultSoakTests {
    private static let timeout = Duration.milliseconds(200)
    /// Where a unit was not back in time: a busy machine is no fault of the line's.
    private static let patientTimeout = Duration.milliseconds(500)
    private static let length = Duration.seconds(3)
    /// The most polls that one fault lasts, or one good while.
    private static let mostPolls = 5

    struct Outcome: Sendable {
        var tally = FaultRow.Tally()
        /// What was committed, for whoever has to find out why.
        var story: [String] = []
        /// When all is over: the place of each unit's last bad poll among its polls, 1 the first.
        var lastBad: [Int] = []

        var isBackInTime: Bool { lastBad.allSatisfy { $0 < FaultRow.latestReturn } }
    }

    @Test(arguments: Way.allCases, [1, 2] as [UInt64])
    func `whatever comes in whatever order, no value is wrong`(way: Way, seed: UInt64) async throws
    {
        let box = Box()
        let line = Line(name: "soak") { line in
            let outcome = Result { () throws(ModbusError) in
                let outcome = try Self.soak(way, seed, timeout: Self.timeout, on: line)
                guard outcome.tally.wrong == 0, !outcome.isBackInTime else { return outcome }
                return try Self.soak(way, seed, timeout: Self.patientTimeout, on: line)
            }
            box.result.withLock { $0 = outcome }
        }
        await line.finished()
        let result = box.result.withLock(\.self)
        let outcome = try #require(result).get()
        let story = "seed \(seed), \(way.rawValue): \(outcome.story.joined(separator: ", "))"
        print("soak", story)
        #expect(outcome.tally.mistakes.isEmpty, "\(story)")
        #expect(outcome.tally.wrong == 0)
        #expect(outcome.tally.right > 100)
        #expect(outcome.isBackInTime, "\(story)")
    }

    private static func soak(
        _ way: Way, _ seed: UInt64, timeout: Duration, on line: Line
    ) throws(ModbusError) -> Outcome {
        var dice = Dice(seed: seed)
        var outcome = Outcome()
        var troubled = try TroubledLine(way, timeout: timeout, heeding: line)
        let cases = FaultCase.all.filter { $0.isFair(at: troubled.endpoint) }
        let end = ContinuousClock.now + length
        _ = troubled.poll(mostPolls)
        while end > .now, let fault = cases.randomElement(using: &dice) {
            let unit = Registers.units.randomElement(using: &dice) ?? Registers.troubled
            let isOver = Bool.random(using: &dice)
            outcome.story.append("\(unit) \(isOver ? "well" : fault.name)")
            troubled.commit(isOver ? nil : fault.faults.randomElement(using: &dice), unit: unit)
            _ = troubled.poll(Int.random(in: 1...mostPolls, using: &dice))
        }
        for unit in Registers.units { troubled.commit(nil, unit: unit) }
        // What is still owed comes first.
        _ = troubled.poll(FaultRow.latestReturn, for: cases.map(\.aftermath).max() ?? .zero)
        let after = troubled.poll(2 * mostPolls)
        outcome.lastBad = Registers.units.map { unit in
            (after.filter { $0.unit == unit }.lastIndex { !$0.isGood } ?? -1) + 1
        }
        outcome.tally = troubled.tally
        return outcome
    }

    private final class Box: Sendable {
        let result = Mutex<Result<Outcome, ModbusError>?>(nil)
    }
}
