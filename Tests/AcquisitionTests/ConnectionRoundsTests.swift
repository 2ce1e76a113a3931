// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Synchronization
import Testing

@testable import Acquisition

/// What a line does when its link breaks or cannot be made.
struct ConnectionRoundsTests {
    @Test func `a connection that cannot be made makes everything bad at once and is retried`() {
        let line = ManualLine(
            .sample(RoundsTests.devices(3)), for: .seconds(200),
            connecting: { $0 < .seconds(30) ? .broken(errno: 111) : nil })
        #expect(
            line.events == [
                "disconnected broken(errno: 111)", "reconnected", "d1 answers", "d2 answers",
                "d3 answers",
            ])
        #expect(line.states(of: 2) == [.offline, .answering])
        for signal in 0..<6 { #expect(line.contents(of: signal).first == .bad(.notConnected)) }
        #expect(line.reports[0].observations.count == 6)
        let waits = zip(line.connects, line.connects.dropFirst()).map { ($1 - $0) / .seconds(1) }
        #expect(waits.count >= 4)
        for (wait, step) in zip(waits, [1, 2, 4, 8, 16] as [Double]) {
            #expect(wait >= step * 0.8 && wait <= step)
        }
    }

    @Test func `without a free descriptor it waits and tries again`() {
        let line = ManualLine(
            .sample(RoundsTests.devices(1)), for: .seconds(10),
            connecting: { $0 < .seconds(2) ? .tooManyDescriptors : nil })
        #expect(line.events.first == "disconnected tooManyDescriptors")
        #expect(line.events.contains("reconnected"))
    }

    @Test func `an idle link that its peer has closed costs nothing but a new one`() {
        let broken = Once()
        let line = ManualLine(.sample(RoundsTests.devices(1)), for: .seconds(4)) { _, now in
            now >= .seconds(2) && broken.first() ? .fail(.broken(errno: 104)) : .answer
        }
        #expect(line.events == ["connected", "d1 answers"])
        #expect(line.connects.count == 2)
        #expect(line.contents(of: 0) == Array(repeating: .good(.number(0)), count: 4))
    }

    @Test func `a unit that makes the peer hang up is that unit's failure`() {
        let line = ManualLine(.sample(RoundsTests.devices(3)), for: .seconds(60)) { request, _ in
            request.unit == 2 ? .fail(.broken(errno: 104)) : .answer
        }
        #expect(
            line.events == ["connected", "d1 answers", "d3 answers", "d2 vanished: no-answer"])
        #expect(line.contents(of: 0).allSatisfy { $0.quality == .good })
        #expect(line.contents(of: 4).allSatisfy { $0.quality == .good })
        #expect(line.asks(of: 2).count < 30)
    }

    @Test func `a peer that hangs up on everything has lost the connection`() {
        let line = ManualLine(.sample(RoundsTests.devices(2)), for: .seconds(60)) { _, now in
            now >= .seconds(5) ? .fail(.broken(errno: 104)) : .answer
        }
        #expect(
            line.events == [
                "connected", "d1 answers", "d2 answers", "disconnected broken(errno: 104)",
            ], "told once, however often it is made and broken again")
        #expect(line.contents(of: 0).last == .bad(.notConnected))
        #expect(line.connects.count < 15)
    }

    @Test func `devices are not blamed for their connection`() {
        let line = ManualLine(
            .sample(RoundsTests.devices(2)), for: .seconds(30),
            reply: { _, now in
                now >= .seconds(5) && now < .seconds(10) ? .fail(.broken(errno: 104)) : .answer
            },
            connecting: { $0 >= .seconds(5) && $0 < .seconds(10) ? .broken(errno: 113) : nil })
        #expect(
            line.events == [
                "connected", "d1 answers", "d2 answers", "disconnected broken(errno: 113)",
                "reconnected",
            ])
        #expect(line.states(of: 0) == [.answering, .offline, .answering])
    }
}

/// True the first time it is asked.
private final class Once: Sendable {
    private let isSpent = Mutex(false)

    func first() -> Bool {
        isSpent.withLock { isSpent in
            defer { isSpent = true }
            return !isSpent
        }
    }
}
