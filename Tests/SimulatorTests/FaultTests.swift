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
            ("a/b=overtaken:1s", .overtaken(.seconds(1)), .zero, nil),
            ("a/b=split", .split(.milliseconds(100)), .zero, nil),
            ("a/b=twice", .twice(after: .zero), .zero, nil),
            ("a/b=twice:30ms+9s", .twice(after: .milliseconds(30)), .zero, .seconds(9)),
            ("a/b=exception:0", .exception(0), .zero, nil),
            ("a/b=exception:255", .exception(255), .zero, nil),
            ("a/b=wrong:unit", .wrong(.unit), .zero, nil),
            ("a/b=wrong:function", .wrong(.function), .zero, nil),
            ("a/b=wrong:byte-count:-2", .wrong(.byteCount(-2)), .zero, nil),
            ("a/b=wrong:byte-count:2+1s", .wrong(.byteCount(2)), .zero, .seconds(1)),
            ("a/b=wrong:count", .wrong(.count(-1)), .zero, nil),
            ("a/b=wrong:count:3", .wrong(.count(3)), .zero, nil),
            ("a/b=wrong:padding", .wrong(.padding(3)), .zero, nil),
            ("a/b=wrong:length:0", .wrong(.length(0)), .zero, nil),
            ("a/b=wrong:length:65535", .wrong(.length(.max)), .zero, nil),
            ("a/b=wrong:transaction", .wrong(.transaction(1)), .zero, nil),
            ("a/b=wrong:no-transaction", .wrong(.noTransaction), .zero, nil),
            ("a/b=wrong:protocol:256", .wrong(.protocolID(256)), .zero, nil),
            ("a/b=wrong:checksum", .wrong(.checksum), .zero, nil),
            ("a/b=wrong:framing", .wrong(.framing), .zero, nil),
            ("a/b=stray:echo:before", .stray(.echo, .before), .zero, nil),
            ("a/b=stray:00fF:after", .stray(.bytes([0, 0xFF]), .after), .zero, nil),
            ("a/b=stray:old:instead", .stray(.oldAnswer, .instead), .zero, nil),
            ("a/b=stray:41:on-connect", .stray(.bytes([0x41]), .onConnect), .zero, nil),
            (
                "a/b=stray:foreign:every:7ms@1m",
                .stray(.foreignAnswer, .every(.milliseconds(7))), .seconds(60), nil
            ),
            ("a/b=broken-off:half:silence", .brokenOff(after: .half, .silence), .zero, nil),
            ("a/b=broken-off:all:close", .brokenOff(after: .all, .close), .zero, nil),
            ("a/b=broken-off:nothing:reset", .reset, .zero, nil),
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
        "a/b=exception:-1", "a/b=exception:256", "a/b=exception:x", "a/b=late:", "a/b=late:2",
        "a/b=wrong", "a/b=wrong:colour", "a/b=wrong:length", "a/b=wrong:length:65536",
        "a/b=wrong:padding:0", "a/b=wrong:unit:5", "a/b=stray:echo", "a/b=stray:0:after",
        "a/b=stray:xy:after", "a/b=stray::after", "a/b=stray:echo:beside", "a/b=broken-off:half",
        "a/b=broken-off:some:reset", "a/b=stray:echo:every:soon",
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
