// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Testing

@testable import Acquisition
@testable import Plant

struct LatecomersTests {
    /// A unit that answers 300 ms after each question.
    private func slowServer() throws -> ModbusServer {
        let server = try ModbusServer(.tcp(port: 0))
        server.set([7, 8], unit: 1, table: .holding, at: 0)
        server.commit(.late(.milliseconds(300)), unit: 1)
        return server
    }

    /// What a link has counted after so many questions that were given up after `timeout`.
    private func counts(_ questions: Int, within timeout: Duration) throws -> [LinkCounts] {
        let server = try slowServer()
        var link = Link(to: server.endpoint)
        try link.connect(within: .seconds(2))
        return (0..<questions).map { _ in
            _ = try? link.read(
                Request(unit: 1, table: .holding, start: 0, count: 2), within: timeout)
            link.listen(for: .seconds(20))
            return link.counts
        }
    }

    @Test func `a unit that is late again and again is told, once`() throws {
        var latecomers = Latecomers(timeout: .milliseconds(100))
        let news = try counts(Latecomers.patience + 2, within: .milliseconds(100))
            .map { latecomers.news(in: $0) }
        #expect(news.map { $0 != nil } == [false, false, true, false, false])
        #expect(news.compactMap(\.self).map(\.unit) == [1])
    }

    @Test func `what comes within the timeout, but too late for a short probe, is no news`() throws
    {
        var latecomers = Latecomers(timeout: .seconds(60))
        let news = try counts(Latecomers.patience, within: .milliseconds(100))
            .map { latecomers.news(in: $0) }
        #expect(news.allSatisfy { $0 == nil })
    }

    @Test func `who reads once is told of the first late answer`() async throws {
        let server = try slowServer()
        let profile = Profile.sample([.sample(name: "mode", at: 0)])
        let poll = try #require(
            await SinglePoll.of(
                "press-1", device: nil,
                in: .sample([profile], endpoint: server.endpoint, timeout: .milliseconds(100))))
        #expect(poll.readings.map(\.content) == [.bad(.noAnswer)])
        #expect(poll.events.map(\.summary) == ["connected", "d1 answers late on line"])
    }
}
