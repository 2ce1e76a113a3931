// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Acquisition
@testable import Plant

struct SignalWatchTests {
    /// Polls at so many seconds, and when they are written.
    private func written(
        _ polls: [(Double, Reading.Content)], deadband: Double? = nil, onChange: Bool = false,
        atLeastEvery: Duration? = nil
    ) -> [Double] {
        let publishing = Publishing(
            deadband: deadband, onChange: onChange, atLeastEvery: atLeastEvery)
        var watch = SignalWatch()
        return polls.compactMap { second, content in
            watch.observe(content, publishing, at: .init(.at(second))) ? second : nil
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

    /// Contents of a poll each second, what the profile says, and the seconds that are written.
    struct Held: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let contents: [Reading.Content]
        var deadband: Double?
        var onChange = false
        var atLeastEvery: Duration?
        let written: [Double]
    }

    static let held: [Held] = [
        Held(
            testDescription: "an equal number",
            contents: [1, 1, 2, 2, 1].map { .good(.number($0)) }, onChange: true,
            written: [0, 2, 4]),
        Held(
            testDescription: "a Boolean",
            contents: [true, true, false, false, true].map { .good(.boolean($0)) },
            onChange: true, written: [0, 2, 4]),
        Held(
            testDescription: "a text",
            contents: ["a", "a", "b", "b", "b"].map { .good(.text($0)) }, onChange: true,
            written: [0, 2]),
        Held(
            testDescription: "a constant, bounded silence",
            contents: Array(repeating: .good(.number(7)), count: 10), onChange: true,
            atLeastEvery: .seconds(4), written: [0, 4, 8]),
        Held(
            testDescription: "silence counts from the last one written",
            contents: [1, 1, 1, 2, 2, 2, 2, 2].map { .good(.number($0)) }, onChange: true,
            atLeastEvery: .seconds(4), written: [0, 3, 7]),
        Held(
            testDescription: "a trembling number, bounded silence",
            contents: [5, 5.5, 4.6, 5.4, 5.1, 9].map { .good(.number($0)) }, deadband: 1,
            atLeastEvery: .seconds(3), written: [0, 3, 5]),
        Held(
            testDescription: "a change of quality, either way",
            contents: [
                .good(.number(1)), .uncertain(.number(1), .outOfService),
                .uncertain(.number(1), .outOfService), .bad(.noAnswer), .good(.number(1)),
                .good(.number(1)),
            ], onChange: true, written: [0, 1, 3, 4]),
        Held(
            testDescription: "a first reading that is bad",
            contents: [.bad(.noAnswer), .bad(.noAnswer), .good(.number(1)), .good(.number(1))],
            onChange: true, atLeastEvery: .seconds(60), written: [0, 2]),
    ]

    @Test(arguments: held)
    func `what has not changed is held back, but not for ever`(_ row: Held) {
        let polls = row.contents.enumerated().map { (Double($0), $1) }
        #expect(
            written(
                polls, deadband: row.deadband, onChange: row.onChange,
                atLeastEvery: row.atLeastEvery) == row.written)
    }

    @Test func `a reading that a note is about is written, however close`() {
        var watch = SignalWatch()
        let rule = Publishing(deadband: nil, onChange: true, atLeastEvery: nil)
        let first = watch.observe(.good(.number(0)), rule, at: .init(.at(0)))
        watch.mark()
        let marked = watch.observe(.good(.number(0)), rule, at: .init(.at(1)))
        let next = watch.observe(.good(.number(0)), rule, at: .init(.at(2)))
        #expect(first && marked && !next)
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
            _ = watch.observe(
                .good(.number(1)),
                Publishing(deadband: 5, onChange: false, atLeastEvery: nil),
                at: .init(.at(Double(second))))
        }
        #expect(snapshot(watch, at: 5).age == .seconds(1))
    }

    @Test func `a value that grows old is stale, and only shown so`() {
        var watch = SignalWatch()
        _ = watch.observe(.good(.number(1)), .always, at: .init(.at(0)))
        #expect(snapshot(watch, at: 6).content == .good(.number(1)))
        #expect(snapshot(watch, at: 6.1).content == .uncertain(.number(1), .stale))
    }

    @Test func `a lasting bad reading is as old as its beginning`() {
        var watch = SignalWatch()
        for second in [1.0, 2, 3] {
            _ = watch.observe(.bad(.noAnswer), .always, at: .init(.at(second)))
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
