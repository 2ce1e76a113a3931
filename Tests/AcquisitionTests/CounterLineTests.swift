// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Testing

@testable import Acquisition
@testable import Buffer
@testable import Plant

/// A counter of two registers on a line, beside a signal that nobody doubts.
struct CounterLineTests {
    static func configuration(_ bits: [Int: String] = [:]) -> Configuration {
        var energy = ProfileSignal.sample(.uint32, width: 2, name: "energy")
        energy.counter = Counter(rollover: 0x1p32)
        energy.unit = "kW.h"
        energy.bits = bits
        return .sample([.sample([energy, .sample(name: "speed", at: 2)])])
    }

    /// Polls a second, the words of each answer in turn; the last one for ever.
    private func line(_ answers: [[UInt16]], for end: Duration) -> ManualLine {
        let count = AnswerCount()
        return ManualLine(Self.configuration(), for: end) { _, _ in
            .words(answers[min(count.next(), answers.count - 1)] + [7])
        }
    }

    @Test func `what is in doubt is asked for again in a moment, and the rest is read once`() {
        let line = line(
            [[1, 0xFFFE], [1, 0xFFFE], [1, 0xFFFF], [1, 0], [2, 1], [2, 2], [2, 3]],
            for: .seconds(3.5))
        #expect(
            line.contents(of: 0) == [
                .good(.number(0x1_FFFE)), .good(.number(0x1_FFFF)), .good(.number(0x2_0002)),
                .good(.number(0x2_0003)),
            ])
        #expect(line.contents(of: 1).count == 4)
        let asked = line.asks.map { ($0.at / .milliseconds(1)).rounded() }
        #expect(asked == [0, 160, 1000, 2000, 2160, 2320, 3000, 3160, 3320])
        #expect(line.reports.flatMap(\.steps).isEmpty)
    }

    @Test func `tries are bounded, and then the reading is garbled`() {
        let answers = (0..<40).map { [UInt16($0), 0] as [UInt16] }
        let line = line(answers, for: .seconds(1.5))
        #expect(line.contents(of: 0) == [.bad(.garbled), .bad(.garbled)])
        #expect(line.asks.count == 8)
    }

    @Test func `a doubt ends when no answer comes`() {
        let count = AnswerCount()
        let line = ManualLine(Self.configuration(), for: .seconds(2.5)) { _, _ in
            switch count.next() {
            case 0: .words([1, 0, 7])
            case 1: .fail(.garbled)
            case 2: .words([2, 0, 7])
            default: .words([2, 1, 7])
            }
        }
        #expect(
            line.contents(of: 0) == [
                .bad(.garbled), .good(.number(0x2_0001)), .good(.number(0x2_0001)),
            ])
    }

    /// Of every reading, note and event that a ledger makes of a line's reports.
    private func ledger(_ line: ManualLine) -> (lines: [String], events: [String]) {
        let configuration = Self.configuration()
        var ledger = Ledger(configuration, PollPlan(configuration), boot: .sample, at: .at(0))
        let events = ledger.take(Mailbox.Contents(reports: line.reports)).map(\.summary)
        let lines = Columns(ledger.gathering.records).records().compactMap { record -> String? in
            switch record {
            case .reading(let reading) where reading.signal.name == "d1/energy":
                "\(reading.content.value?.number ?? .nan)"
            case .note(let entry) where entry.line.contains("counter"): entry.line
            case .reading, .note, .health, .summary: nil
            }
        }
        return (lines, events)
    }

    @Test func `a roll-over is a note before its reading, and no event`() {
        let found = ledger(
            line([[0xFFFF, 0xFFFE], [0xFFFF, 0xFFFE], [0, 3], [0, 3]], for: .seconds(1.5)))
        #expect(
            found.lines == [
                "4294967294.0",
                #"{"type":"note","time":"2026-11-20T00:00:01.170Z","kind":"counter-rollover","#
                    + #""equipment":"press-1","signal":"d1/energy","from":4294967294,"to":3,"#
                    + #""unit":"kW.h","modulus":4294967296}"#,
                "3.0",
            ])
        #expect(!found.events.contains { $0.contains("reset") })
    }

    @Test func `a reset is a note and an event`() {
        let found = ledger(line([[5, 9], [5, 9], [0, 3], [0, 3]], for: .seconds(1.5)))
        #expect(found.lines.count == 3)
        #expect(
            found.lines[1].hasSuffix(
                #""kind":"counter-reset","equipment":"press-1","signal":"d1/energy","#
                    + #""from":327689,"to":3,"unit":"kW.h","modulus":4294967296}"#))
        #expect(found.events.filter { $0.contains("reset") } == ["d1/energy reset"])
    }

    @Test func `after a start nothing is compared with the time before`() {
        let before = line([[5, 9]], for: .seconds(1.5))
        let after = line([[0, 3]], for: .seconds(1.5))
        #expect((before.reports + after.reports).flatMap(\.steps).isEmpty)
    }

    @Test func `a step in a full mailbox is not lost`() {
        let mailbox = Mailbox(limit: 1)
        for report in line([[5, 9], [5, 9], [0, 3], [0, 3]], for: .seconds(1.5)).reports {
            mailbox.post(report)
        }
        #expect(mailbox.empty().reports.flatMap(\.steps).count == 1)
    }
}
