// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus
import Testing

@testable import Acquisition

@Suite struct RegisterSurveyTests {
    /// Surveys a table in which exactly `held` is there, and a block is refused that goes beyond.
    private func survey(
        held: Set<Int>, addresses: [Range<Int>] = [0..<512], limit: Int = RegisterSurvey.limit,
        answer: ((Request) -> RegisterSurvey.Answer?)? = nil
    ) -> RegisterSurvey {
        var survey = RegisterSurvey(
            unit: 1, table: .input, addresses: addresses, limit: limit)
        while let request = survey.next() {
            let wanted = Int(request.start)..<Int(request.start) + request.count
            let own = wanted.allSatisfy(held.contains)
            survey.take(answer?(request) ?? (own ? .words : .refused(exception: 2)))
        }
        return survey
    }

    @Test(arguments: [
        [0..<80, 342..<352], [0..<1], [511..<512], [7..<9, 10..<11, 64..<128], [0..<512],
        [101..<103, 105..<107],
    ])
    func `exactly what is there is found`(held: [Range<Int>]) {
        let survey = survey(held: Set(held.flatMap(\.self)), limit: 2_000)
        #expect(survey.runs == held)
        #expect(survey.end == .complete)
        #expect(survey.unknown.isEmpty)
    }

    @Test func `an empty table ends at the limit, and says what is open`() {
        let survey = survey(held: [])
        #expect(survey.requests == RegisterSurvey.limit)
        #expect(survey.end == .budget)
        #expect(!survey.unknown.isEmpty)
    }

    @Test func `a table that is not served costs one question`() {
        let survey = survey(held: []) { _ in .refused(exception: 1) }
        #expect(survey.requests == 1)
        #expect(survey.end == .noTable)
    }

    @Test func `a unit that falls silent is left alone`() {
        let survey = survey(held: [0, 1]) { _ in .lost }
        #expect(survey.requests == RegisterSurvey.patience)
        #expect(survey.end == .silence)
    }

    @Test func `a device that gives 16 at once is read in sixteens`() {
        let survey = survey(held: Set(0..<64), addresses: [0..<64]) {
            $0.count > 16 ? .refused(exception: 3) : nil
        }
        #expect(survey.runs == [0..<64])
        #expect(survey.largest == 16)
    }

    @Test func `a device that gives 32-bit values whole is understood`() {
        let survey = survey(held: Set(0..<20), addresses: [0..<32]) {
            $0.start % 2 == 1 || $0.count % 2 == 1 ? .refused(exception: 2) : nil
        }
        #expect(survey.runs == [0..<20])
    }
}
