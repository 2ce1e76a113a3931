// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What was tried, and what came of it.
struct Tally: Sendable {
    var seeds = 0
    var operations = 0
    var states = 0
    /// States of which no two are the same.
    var distinct = 0
    /// States that broke a promise.
    var lost = 0
    /// Those of `distinct` that a second cut made, during recovery.
    var second = 0
    /// Those of `distinct`, by the day's name.
    var days: [String: Int] = [:]
    /// What was found, told for people: the first ones.
    private(set) var findings: [String] = []

    mutating func add(_ other: Tally, isSecondCut: Bool = false) {
        seeds += other.seeds
        operations += isSecondCut ? 0 : other.operations
        states += other.states
        distinct += other.distinct
        lost += other.lost
        days.merge(other.days, uniquingKeysWith: +)
        for finding in other.findings { tell(finding) }
        second += other.second + (isSecondCut ? other.distinct : 0)
    }

    /// The first findings are for people; all are counted.
    mutating func tell(_ finding: String) {
        if findings.count < Self.told { findings.append(finding) }
    }

    private static let told = 10

    /// One line for `figures.py`.
    func json(_ name: String, _ more: [(String, String)] = []) -> String {
        let members: [(String, String)] =
            [
                ("torture", "\"\(name)\""), ("seeds", "\(seeds)"), ("operations", "\(operations)"),
                ("states", "\(states)"), ("distinct", "\(distinct)"),
                ("second", "\(second)"), ("lost", "\(lost)"),
            ] + more
        return "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }
}
