// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

@Suite(.conserving) struct GrowthTests {
    @Test func `whoever waits is woken by the seal`() async throws {
        let scratch = try Scratch()
        let buffer = try BatchBuffer(scratch.settings())
        try await withThrowingTaskGroup(of: Int64.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await buffer.grows(beyond: 0)
                    return buffer.newest
                }
            }
            try await buffer.seal(1)
            for try await newest in group { #expect(newest == 1) }
        }
        try await buffer.grows(beyond: 0)
        await buffer.close()
    }

    @Test func `waiting can be cancelled, before and after it has begun`() async throws {
        let growth = Growth(newest: try at(3))
        let early = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await growth.beyond(3)
        }
        await #expect(throws: CancellationError.self) { try await early.value }
        let late = Task { try await growth.beyond(3) }
        while growth.waiting == 0 { await Task.yield() }
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
        #expect(growth.waiting == 0)
    }

    @Test func `closing sends all who wait away`() async throws {
        let growth = Growth(newest: try at(0))
        let waiter = Task { try await growth.beyond(0) }
        while growth.waiting == 0 { await Task.yield() }
        growth.close()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        await #expect(throws: CancellationError.self) { try await growth.beyond(0) }
    }

    @Test func `only those are woken whose sequence is reached`() async throws {
        let growth = Growth(newest: try at(0))
        let near = Task { try await growth.beyond(0) }
        let far = Task { try await growth.beyond(1) }
        while growth.waiting < 2 { await Task.yield() }
        growth.reach(try at(1))
        try await near.value
        #expect(growth.waiting == 1)
        growth.reach(try at(2))
        try await far.value
    }

    @Test func `a new epoch wakes all`() async throws {
        let growth = Growth(newest: try at(9_000))
        let waiter = Task { try await growth.beyond(9_000) }
        while growth.waiting == 0 { await Task.yield() }
        growth.reach(try at(1, "00000001"))
        try await waiter.value
        #expect(growth.newest.sequence == 1)
    }

    private func at(_ sequence: Int64, _ epoch: String = "00000000") throws -> Cursor {
        Cursor(epoch: try #require(Epoch(epoch)), sequence: sequence)
    }
}
