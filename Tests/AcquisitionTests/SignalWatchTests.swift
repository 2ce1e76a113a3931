// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Acquisition

struct SignalWatchTests {
    /// Polls at so many seconds, and when they are written.
    private func written(
        _ polls: [(Double, Reading.Content)], deadband: Double? = nil
    ) -> [Double] {
        var watch = SignalWatch()
        return polls.compactMap { second, content in
            watch.observe(content, deadband: deadband, at: .at(second)) ? second : nil
        }
    }

    @Test func `every good poll is written`() {
        let polls = (0..<5).map { (Double($0), Reading.Content.good(.number(1))) }
        #expect(written(polls) == [0, 1, 2, 3, 4])
    }

    @Test func `a bad reading is written when it begins and then at a slow beat`() {
        let polls = (0..<200).map { second in
            (Double(second), Reading.Content.bad(second < 3 ? .notConnected : .noAnswer))
        }
        #expect(written(polls) == [0, 3, 63, 123, 183])
    }

    @Test func `a change of reason, a return and a relapse are written at once`() {
        let polls: [(Double, Reading.Content)] = [
            (0, .bad(.refused(exception: 2))), (1, .bad(.refused(exception: 2))),
            (2, .bad(.refused(exception: 3))), (3, .good(.number(1))), (4, .bad(.noAnswer)),
            (5, .bad(.noAnswer)),
        ]
        #expect(written(polls) == [0, 2, 3, 4])
    }

    @Test func `a deadband holds back what is close to the last one written`() {
        let values = [10, 10.4, 10.8, 11, 10.1, 10, 9.9]
        let polls = values.enumerated().map { (Double($0), Reading.Content.good(.number($1))) }
        #expect(written(polls, deadband: 1) == [0, 3, 5])
    }

    @Test func `a return from bad is written, however close`() {
        let polls: [(Double, Reading.Content)] = [
            (0, .good(.number(10))), (1, .bad(.noAnswer)), (2, .good(.number(10))),
            (3, .good(.number(10))),
        ]
        #expect(written(polls, deadband: 1) == [0, 1, 2])
    }

    private let signal = Signal(
        equipment: "e", device: "d", signal: "s", unit: nil, role: nil)

    private func snapshot(_ watch: SignalWatch, at second: Double) -> SignalSnapshot {
        watch.snapshot(of: signal, period: .seconds(2), at: .at(second))
    }

    @Test func `before the first poll a signal is not yet read`() {
        let shown = snapshot(SignalWatch(), at: 5)
        #expect(shown.content == .bad(.notYetRead))
        #expect(shown.time == nil && shown.age == nil)
    }

    @Test func `a value held back by its deadband is as fresh as its poll`() {
        var watch = SignalWatch()
        for second in 0...4 {
            _ = watch.observe(.good(.number(1)), deadband: 5, at: .at(Double(second)))
        }
        #expect(snapshot(watch, at: 5).age == .seconds(1))
    }

    @Test func `a value that grows old is stale, and only shown so`() {
        var watch = SignalWatch()
        _ = watch.observe(.good(.number(1)), deadband: nil, at: .at(0))
        #expect(snapshot(watch, at: 6).content == .good(.number(1)))
        #expect(snapshot(watch, at: 6.1).content == .uncertain(.number(1), .stale))
    }

    @Test func `a lasting bad reading is as old as its beginning`() {
        var watch = SignalWatch()
        for second in [1.0, 2, 3] {
            _ = watch.observe(.bad(.noAnswer), deadband: nil, at: .at(second))
        }
        #expect(snapshot(watch, at: 5).age == .seconds(4))
        #expect(snapshot(watch, at: 5).time == Moment.at(1).time)
    }
}

struct ClockWatchTests {
    static let jumps: [(wall: Double, monotonic: Double, step: Double?)] = [
        (1, 1, nil), (1.25, 1, nil), (0.75, 1, nil), (1.251, 1, 0.251), (0.749, 1, -0.251),
        (3601, 1, 3600), (-3599, 1, -3600), (100, 100, nil),
    ]

    @Test(arguments: jumps)
    func `a jump of the wall clock against the monotonic one is a step`(
        _ wall: Double, _ monotonic: Double, _ step: Double?
    ) throws {
        var watch = ClockWatch(at: .at(50))
        let now = Moment(
            monotonic: .seconds(50 + monotonic), time: Moment.at(50 + wall).time)
        let found = watch.step(at: now)
        #expect(found.map { ($0 / .milliseconds(1)).rounded() } == step.map { $0 * 1000 })
        let next = Moment(
            monotonic: now.monotonic + .seconds(1),
            time: Timestamp(milliseconds: now.time.milliseconds + 1000))
        let again = watch.step(at: next)
        #expect(again == nil, "it is told once")
    }
}
