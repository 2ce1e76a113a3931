// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Delivery

/// How clients share what there is little of.
@Suite struct SharingTests {
    @Test func `an allowance is never exceeded, and comes back with its last reference`() throws {
        let allowance = Allowance(of: 10)
        var shares: [Allowance.Share] = []
        for _ in 0..<3 { shares.append(try #require(allowance.share(of: 3))) }
        #expect(allowance.share(of: 2) == nil)
        #expect(allowance.inUse == 9)
        shares[0].resize(to: 1)
        #expect(allowance.inUse == 7)
        shares.removeAll()
        #expect(allowance.inUse == 0)
        #expect(allowance.share(of: 11) == nil)
    }

    @Test func `a turnstile lets its width through, and everybody in the end`() async {
        let turnstile = Turnstile(width: 2)
        let room = Room()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask { await turnstile.pass { await room.visit() } }
            }
        }
        #expect(room.visits == 100)
        #expect(room.most == 2)
    }

    /// Counts who is in it.
    private final class Room: Sendable {
        private let counts = Mutex((inside: 0, most: 0, visits: 0))

        var most: Int { counts.withLock { $0.most } }
        var visits: Int { counts.withLock { $0.visits } }

        func visit() async {
            counts.withLock { counts in
                counts.inside += 1
                counts.visits += 1
                counts.most = max(counts.most, counts.inside)
            }
            await Task.yield()
            counts.withLock { $0.inside -= 1 }
        }
    }
}
