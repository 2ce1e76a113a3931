// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Millpond

/// What is said of how long the buffer holds, and when.
struct EnduranceTests {
    private static func endurance(
        holds: Int, left: Int? = nil, over span: Int = 300, isWhole: Bool = false
    ) -> Endurance {
        Endurance(
            holds: .seconds(holds * 3_600), span: .seconds(span), isWhole: isWhole,
            slowest: left.map { Endurance.Slowest(consumer: "mes", left: .seconds($0 * 3_600)) })
    }

    @Test func `it is said in one sentence`() {
        #expect(
            Self.endurance(holds: 61, left: 40).sentence
                == "61 h at this rate (consumer mes has 40 h left)")
        #expect(Self.endurance(holds: 336).sentence == "14 d at this rate")
    }

    @Test func `less than a fourth left to a consumer is told once, and once that it is over`() {
        var watch = EnduranceWatch(survive: nil)
        #expect(watch.look(at: nil).isEmpty)
        #expect(watch.look(at: Self.endurance(holds: 60, left: 3, over: 20)).isEmpty)
        let known = Self.endurance(holds: 60, left: 16)
        #expect(watch.look(at: known) == [.known(known)])
        let late = Self.endurance(holds: 60, left: 14)
        #expect(
            watch.look(at: late)
                == [.runsOut(Endurance.Slowest(consumer: "mes", left: .seconds(50_400)), late)])
        #expect(watch.look(at: Self.endurance(holds: 60, left: 0)).isEmpty)
        #expect(watch.look(at: Self.endurance(holds: 60, left: 19)).isEmpty, "not over yet")
        let over = Self.endurance(holds: 60, left: 21)
        #expect(watch.look(at: over) == [.enough(over)])
        #expect(watch.look(at: over).isEmpty)
    }

    @Test func `a buffer that holds shorter than it is to survive is told once`() {
        let survive = Duration.seconds(336 * 3_600)
        var watch = EnduranceWatch(survive: survive)
        let short = Self.endurance(holds: 300)
        #expect(watch.look(at: short) == [.known(short), .short(short, survive: survive)])
        #expect(watch.look(at: Self.endurance(holds: 340)).isEmpty, "it trembles")
        let long = Self.endurance(holds: 400)
        #expect(watch.look(at: long) == [.long(long, survive: survive)])
        // A fourth of what it is to survive, and not of what it holds.
        let late = Self.endurance(holds: 400, left: 80)
        #expect(watch.look(at: late).count == 1)
    }

    /// Sixty-four batches of 100 ms are six seconds, and as many as are ever looked at.
    @Test(arguments: [6, 16, 64, 640])
    func `a full window tells enough, however short it is`(span: Int) {
        let short = Self.endurance(holds: 60, left: 1, over: span, isWhole: true)
        var watch = EnduranceWatch(survive: .seconds(336 * 3_600))
        #expect(watch.look(at: short).count == 3, "known, too small, and somebody runs out")
        let early = Self.endurance(holds: 60, left: 1, over: 6)
        var patient = EnduranceWatch(survive: .seconds(336 * 3_600))
        #expect(patient.look(at: early).isEmpty)
    }

    @Test func `a consumer that is forgotten runs out no more`() {
        var watch = EnduranceWatch(survive: nil)
        #expect(watch.look(at: Self.endurance(holds: 60, left: 1)).count == 2)
        let alone = Self.endurance(holds: 60)
        #expect(watch.look(at: alone) == [.enough(alone)])
    }
}
