// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus
import Testing

@testable import Acquisition

@Suite struct LineSearchTests {
    private static func setting(_ baud: Int) -> Endpoint {
        .serial(
            path: "/dev/x",
            format: SerialFormat(baud: baud, dataBits: 8, parity: .even, stopBits: 1))
    }
    private static let settings = [9600, 19_200, 38_400].map(setting)
    private static let socket = Endpoint.tcp(host: "x", port: 502)

    /// Runs a search to its end against a line where `answer` decides.
    private func run(
        _ search: inout LineSearch, _ answer: (LineSearch.Question) -> LineSearch.Outcome
    ) -> [LineSearch.Question] {
        var asked: [LineSearch.Question] = []
        while let question = search.next() {
            asked.append(question)
            search.record(answer(question))
            #expect(asked.count <= 10_000)
        }
        return asked
    }

    @Test func `on a socket every unit is asked once, in order`() {
        var search = LineSearch(settings: [Self.socket], units: Array(1...247))
        let asked = run(&search) { [3, 200].contains($0.unit) ? .present : .absent }
        #expect(asked.map(\.unit) == Array(1...247))
        #expect(search.found.map(\.unit) == [3, 200])
        #expect(search.asked == 247)
    }

    @Test(arguments: [1, 7, 200] as [UInt8], [9600, 19_200, 38_400])
    func `a unit at any setting proves it, and then everybody is asked there once`(
        unit: UInt8, baud: Int
    ) {
        var search = LineSearch(settings: Self.settings, units: Array(1...247))
        let right = Self.setting(baud)
        let asked = run(&search) {
            $0.endpoint == right && ($0.unit == unit || $0.unit == 240) ? .present : .absent
        }
        #expect(search.proven == right)
        #expect(Set(search.found.map(\.unit)) == [unit, 240])
        let there = asked.filter { $0.endpoint == right }
        #expect(there.count == 247)
        #expect(Set(there).count == 247)
        let proof = asked.firstIndex { $0.endpoint == right && ($0.unit == unit || $0.unit == 240) }
        #expect(asked.dropFirst((proof ?? 0) + 1).allSatisfy { $0.endpoint == right })
    }

    @Test func `nobody there: each unit at each setting once, and no more`() {
        var search = LineSearch(settings: Self.settings, units: Array(1...247))
        let left = search.left
        let asked = run(&search) { _ in .absent }
        #expect(asked.count == 3 * 247)
        #expect(Set(asked).count == asked.count)
        #expect(left == asked.count)
        #expect(search.proven == nil)
    }

    @Test func `where something was heard is looked first`() {
        var search = LineSearch(settings: Self.settings, units: Array(1...20))
        let asked = run(&search) { $0.endpoint == Self.settings[2] ? .noise : .absent }
        let usual = 3 * LineSearch.usualUnits.count { $0 <= 20 }
        #expect(asked[usual].endpoint == Self.settings[2])
        #expect(search.noisy == [Self.settings[2]])
    }

    @Test func `a setting that the port cannot do costs one question`() {
        var search = LineSearch(settings: Self.settings, units: Array(1...247))
        let asked = run(&search) {
            $0.endpoint == Self.settings[0] ? .impossible : .absent
        }
        #expect(asked.count { $0.endpoint == Self.settings[0] } == 1)
        #expect(!search.isImpossible)
        var none = LineSearch(settings: Self.settings, units: [1])
        #expect(run(&none) { _ in .impossible }.count == 3)
        #expect(none.isImpossible)
    }

    @Test func `the bound that is said holds for the longest search`() {
        let budget = ScanBudget(timeout: .milliseconds(300), rate: 20)
        #expect(budget.longest(settings: [Self.socket], units: 247) == .milliseconds(74_100))
        // The rate binds where the timeout is shorter.
        let patient = ScanBudget(timeout: .milliseconds(10), rate: 10)
        #expect(patient.longest(settings: [Self.socket], units: 10) == .seconds(1))
        // Fifteen characters take their time at 1200 baud.
        let slow = budget.patience(for: ScanBudget.question(of: 1), at: Self.setting(1200))
        #expect(slow > .milliseconds(400))
    }
}
