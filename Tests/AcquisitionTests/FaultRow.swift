// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus

/// What became of one fault on one kind of wire.
struct FaultRow: Sendable {
    /// Published values, and what came in their place.
    struct Tally: Sendable {
        var right = 0
        var wrong = 0
        /// By reason.
        var bad: [String: Int] = [:]
        /// What was wrong, for whoever has to find out why.
        var mistakes: [String] = []
    }

    /// No request may outlast its deadline by more.
    static let longestRatio = 1.1
    /// Good again at the second poll, at the latest.
    static let latestReturn = 2
    /// Polls of the misbehaving unit, before the fault and after it. A fault begins between two
    /// questions of one shape.
    private static let (before, after) = (6, 8)

    let name: String
    let way: Way
    let polls: Int
    let tally: Tally
    let longest: Double
    /// The poll after the fault's end from which on all are good; 1 is the first.
    let back: Int
    /// Good polls of the other unit while the fault lasted, of how many.
    let other: (good: Int, all: Int)
    let connections: Int
    /// How often it was tried, each time with more time.
    var tries = 1
    private let reach: FaultCase.Reach

    /// A good while, the fault, and a good while; nil if the fault has no meaning there.
    init?(_ fault: FaultCase, _ way: Way, timeout: Duration, on line: Line) throws(ModbusError) {
        var troubled = try TroubledLine(way, timeout: timeout, heeding: line)
        guard fault.isFair(at: troubled.endpoint) else { return nil }
        _ = troubled.poll(Self.before)
        let during = troubled.poll(fault.polls) { line, asked in
            line.commit(fault.faults[asked % fault.faults.count])
        }
        troubled.commit(nil)
        let isInDoubt = fault.leavesDoubt && troubled.endpoint.framing == .rtu
        let after = troubled.poll(
            Self.after, isInDoubt ? .inRealTime : .atOnce, for: fault.aftermath)
        self.init(fault, way, troubled, during, after)
    }

    private init(
        _ fault: FaultCase, _ way: Way, _ line: borrowing TroubledLine, _ during: [Poll],
        _ after: [Poll]
    ) {
        let troubled = Registers.troubled
        (name, reach, self.way) = (fault.name, fault.reach, way)
        (polls, tally, connections) = (line.polls.count, line.tally, line.connections)
        longest = line.polls.map(\.ratio).max() ?? 0
        let lastBad = after.filter { $0.unit == troubled }.lastIndex { !$0.isGood }
        back = (lastBad ?? -1) + 2
        let others = during.filter { $0.unit != troubled }
        other = (others.count(where: \.isGood), others.count)
    }

    /// What is not as it must be; empty where all is well.
    var violations: [String] {
        var found: [String] = []
        if tally.wrong > 0 {
            found.append(
                "\(tally.wrong) wrong: \(tally.mistakes.prefix(3).joined(separator: ", "))")
        }
        if longest > Self.longestRatio { found.append("outlasts its deadline") }
        if back > Self.latestReturn { found.append("back late") }
        if reach == .unit, other.good < other.all { found.append("the other unit suffers") }
        return found
    }

    static let heading = [
        "fault", "framing", "tries", "polls", "right", "wrong", "longest", "back", "other", "conn.",
        "bad",
    ]

    /// The cells under `heading`.
    var cells: [String] {
        let bad = tally.bad.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        let hundredths = Int((longest * 100).rounded())
        let fraction = hundredths % 100
        return [
            name, way.rawValue, "\(tries)", "\(polls)", "\(tally.right)", "\(tally.wrong)",
            "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)", "\(back)",
            "\(other.good)/\(other.all)", "\(connections)", bad.joined(separator: ", "),
        ]
    }

    /// Heading and rows in columns.
    static func table(_ rows: [FaultRow]) -> String {
        let lines =
            [heading]
            + rows.map { row in
                row.cells
                    + (row.violations.isEmpty
                        ? [] : ["<< " + row.violations.joined(separator: "; ")])
            }
        let widths = heading.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { cells in
            cells.enumerated().map { column, cell in
                column < widths.count - 1
                    ? cell + String(repeating: " ", count: widths[column] - cell.count) : cell
            }.joined(separator: "  ")
        }.joined(separator: "\n") + "\n"
    }
}
