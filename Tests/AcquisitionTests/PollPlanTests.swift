// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus
import Testing

@testable import Acquisition
@testable import Plant

@Suite struct PollPlanTests {
    @Test(arguments: [1, 2, 15, 16, 17, 40, 850])
    func `lines begin in groups, which are spread over the period`(_ count: Int) {
        let plan = PollPlan(
            .sample(
                connections: (0..<count).map {
                    .init(
                        name: "line-\($0)", endpoint: .tcp(host: "127.0.0.1", port: 1),
                        timeout: .seconds(1))
                }, equipment: []))
        let shares = plan.lines.map(plan.share)
        let groups = Dictionary(grouping: shares) { $0 }.mapValues(\.count)
        #expect(groups.values.max() == min(count, PollPlan.group))
        #expect(groups.count == (count + PollPlan.group - 1) / PollPlan.group)
        #expect(shares == shares.sorted())
        #expect(shares[0] == 0)
        let starts = groups.keys.sorted()
        for (one, next) in zip(starts, starts.dropFirst()) {
            #expect(abs(next - one - Double(PollPlan.group) / Double(count)) < 1e-9)
        }
    }
}
