// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Modbus

/// A slow device is told from one that is not there.
@Suite struct LateAnswerTests {
    private static let timeout = Duration.milliseconds(100)
    private static let delay = Duration.milliseconds(300)

    @Test(arguments: Way.allCases)
    func `who listens on after a silence hears how late the answer is`(way: Way) throws {
        let server = try addressServer(way)
        var link = try connected(server.endpoint)
        server.commit(.late(Self.delay), unit: 17)
        #expect(throws: ModbusError.silent) {
            try link.holding(100, 4, unit: 17, within: Self.timeout)
        }
        #expect(link.counts.lateAnswers == 0)
        link.listen(for: .seconds(20))
        #expect(link.counts.lateAnswers == 1)
        let late = try #require(link.counts.latestLate)
        #expect(late.unit == 17 && late.exceeds(Self.timeout))
        #expect(late.delay.upperBound >= Self.delay)
        #expect(late.delay.upperBound - late.delay.lowerBound < Self.delay)
        // Nobody else is late by that, and the link goes on.
        #expect(try link.holding(7) == [7])
        #expect(link.counts.lateAnswers == 1)
    }

    @Test(arguments: Way.allCases)
    func `what is found by the next question came after the timeout, more is not known`(
        way: Way
    ) throws {
        let server = try addressServer(way)
        var link = try connected(server.endpoint)
        server.commit(.late(Self.delay), unit: 17)
        #expect(throws: ModbusError.silent) {
            try link.holding(100, 4, unit: 17, within: Self.timeout)
        }
        #expect(try link.seesEnd(within: .seconds(20)))
        #expect(try link.holding(7, 2) == [7, 8])
        let late = try #require(link.counts.latestLate)
        #expect(late.delay.contains(Self.delay) && late.exceeds(Self.timeout))
        #expect(late.delay.lowerBound < Self.delay)
    }

    @Test(arguments: Way.allCases)
    func `a prompt device, a deaf one and one that says it twice are not late`(way: Way) throws {
        let server = try addressServer(way)
        var link = try connected(server.endpoint)
        server.commit(.twice(after: .zero), unit: 1)
        for start in UInt16(0)..<5 { #expect(try link.holding(start, 2)[0] == start) }
        server.commit(.silent, unit: 17)
        #expect(throws: ModbusError.silent) {
            try link.holding(100, unit: 17, within: Self.timeout)
        }
        link.listen(for: Self.timeout)
        #expect(link.counts.lateAnswers == 0)
    }
}
