// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus
import Testing

@testable import Acquisition
@testable import Plant

@Suite struct PollPlanTests {
    private static func shares(_ hosts: [String]) -> [Double] {
        PollPlan(
            .sample(
                connections: hosts.enumerated().map { index, host in
                    .init(
                        name: "line-\(index)",
                        endpoint: .tcp(host: host, port: UInt16(index + 1)), timeout: .seconds(1))
                }, equipment: [])
        ).shares
    }

    @Test(arguments: [1, 2, 15, 16, 17, 40, 850])
    func `hosts begin in groups, which are spread over the period`(_ count: Int) {
        let shares = Self.shares((0..<count).map { "host-\($0)" })
        let groups = (count + PollPlan.group - 1) / PollPlan.group
        for (index, share) in shares.enumerated() {
            #expect(share == Double(index / PollPlan.group) / Double(groups))
        }
    }

    @Test func `the connections of one host are spread over the period`() {
        let hosts = Array(repeating: "server", count: 16) + ["meter"]
        let shares = Self.shares(hosts)
        #expect(shares.dropLast() == (0..<16).map { Double($0) / 16 }[...])
        #expect(shares[16] == 0)
    }

    @Test func `a host in a later group begins with it, and comes round`() {
        // The second group begins at a half; of its host's two connections the later one at the start.
        let hosts = (0..<16).map { "host-\($0)" } + ["server", "server"]
        #expect(Self.shares(hosts).suffix(2) == [0.5, 0])
    }
}
