// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus

import Testing

@testable import Simulator

@Suite struct FaultTests {
    @Test(
        arguments: [
            ("press-1/drive=silent@20s+30s", .silent, .seconds(20), .seconds(30)),
            ("a/b=late", .late(.seconds(2)), .zero, nil),
            ("a/b=late:800ms+1m", .late(.milliseconds(800)), .zero, .seconds(60)),
            ("a/b=exception", .exception(4), .zero, nil),
            ("a/b=exception:11@5m", .exception(11), .seconds(300), nil),
            ("a/b=wrong-unit", .wrongUnit, .zero, nil), ("a/b=garbage", .garbage, .zero, nil),
            ("a/b=drip:10ms", .drip(.milliseconds(10)), .zero, nil),
            ("a/b=reset", .reset, .zero, nil),
        ] as [(String, Fault, Duration, Duration?)])
    func `a fault is read from its text`(
        text: String, kind: Fault, start: Duration, duration: Duration?
    ) throws {
        let fault = try ScheduledFault(parsing: text)
        let device = String(text.prefix { $0 != "=" })
        #expect(fault == ScheduledFault(kind, of: device, from: start, lasting: duration))
    }

    @Test(arguments: [
        "", "=", "drive=silent", "/drive=silent", "a/=silent", "a/b/c=silent", "a/b", "a/b=",
        "a/b=asleep", "a/b=silent:3s", "a/b=silent@", "a/b=silent+", "a/b=silent@soon",
        "a/b=exception:0", "a/b=exception:128", "a/b=exception:x", "a/b=late:", "a/b=late:2",
    ])
    func `anything else is refused with a reason`(text: String) {
        let error = #expect(throws: FaultSyntaxError.self) { try ScheduledFault(parsing: text) }
        #expect(error?.text == text)
        #expect(error?.reason.isEmpty == false)
    }

    @Test func `a fault lasts from its start to its end`() throws {
        let fault = try ScheduledFault(parsing: "a/b=silent@20s+30s")
        #expect(!fault.isActive(at: .milliseconds(19_999)))
        #expect(fault.isActive(at: .seconds(20)))
        #expect(fault.isActive(at: .milliseconds(49_999)))
        #expect(!fault.isActive(at: .seconds(50)))
        #expect(try ScheduledFault(parsing: "a/b=silent").isActive(at: .seconds(1_000_000)))
    }

    @Test(arguments: [5, 6, 7] as [UInt64]) func `devices drop off and come back`(seed: UInt64) {
        var wavering = DropOuts(.wavering, random: SeededGenerator(seed: seed))
        var steady = DropOuts(.steady, random: SeededGenerator(seed: seed))
        var absences = 0
        var secondsAway = 0
        for _ in 0..<7_200 {
            let wasAway = wavering.isAway
            wavering.step(by: .seconds(1))
            steady.step(by: .seconds(1))
            if wavering.isAway { secondsAway += 1 }
            if wavering.isAway, !wasAway { absences += 1 }
            #expect(!steady.isAway)
        }
        #expect((4...120).contains(absences))
        #expect((absences * 7...absences * 26).contains(secondsAway))
    }
}
