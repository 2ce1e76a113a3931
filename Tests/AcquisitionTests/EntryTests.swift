// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment
import Testing

@testable import Acquisition

struct EntryTests {
    static let evidence = Evidence(
        signal: "drive/temperature", unit: "Cel", value: 121.5, time: Moment.at(61).time,
        limits: .init(high: 120, criticalHigh: 130), limit: Limit(kind: .high, value: 120),
        hysteresis: 5, onDelay: .seconds(60), offDelay: .milliseconds(1500),
        since: Moment.at(1).time, held: .seconds(60), gate: "drive/status.running",
        gateState: .open, reason: nil, hold: .seconds(300))

    @Test func `a transition is one line, its evidence with it`() {
        let entry = Entry(
            Transition(
                time: Moment.at(61).time, equipment: "press-1", component: "motor",
                condition: "winding-hot", from: .inactive, to: .active, status: .offSpec,
                severity: 0.15, index: 85, evidence: Self.evidence))
        #expect(entry.equipment == "press-1")
        #expect(
            entry.line == """
                {"type":"health","time":"2026-11-20T00:01:01.000Z","equipment":"press-1",\
                "component":"motor","condition":"winding-hot","from":"inactive","to":"active",\
                "status":"off-spec","severity":0.15,"index":85,"evidence":{\
                "signal":"drive/temperature","unit":"Cel","value":121.5,\
                "time":"2026-11-20T00:01:01.000Z",\
                "limits":{"limit-high":120,"critical-high":130},"limit":"limit-high",\
                "hysteresis":5,"on_delay_ms":60000,"off_delay_ms":1500,\
                "since":"2026-11-20T00:00:01.000Z","held_ms":60000,\
                "gate":"drive/status.running","gate_state":"open","hold_ms":300000}}
                """)
    }

    @Test func `what is not known is null or left out, never a number`() {
        var evidence = Self.evidence
        evidence.value = nil
        evidence.time = nil
        evidence.limit = nil
        evidence.reason = .refused(exception: 2)
        let entry = Entry(
            Transition(
                time: Moment.at(0).time, equipment: "press-1", component: nil,
                condition: "winding-hot", from: .active, to: .unknown, status: nil, severity: 0,
                index: nil, evidence: evidence))
        #expect(entry.line.contains(#""to":"unknown","status":null,"severity":0,"index":null,"#))
        #expect(entry.line.contains(#""value":null,"limits""#))
        #expect(entry.line.contains(#""reason":"refused","exception":2,"#))
        #expect(!entry.line.contains("component"))
    }

    static let notes: [(Note, String)] = [
        (
            .started(equipment: 1, devices: 2, signals: 3),
            #""kind":"started","machines":1,"devices":2,"signals":3}"#
        ),
        (.stopped, #""kind":"stopped"}"#),
        (.clockStep(by: .milliseconds(-3_600_250)), #""kind":"clock-step","step_ms":-3600250}"#),
    ]

    @Test(arguments: notes)
    func `a note says its kind and its facts`(_ note: Note, _ end: String) {
        let entry = Entry(note, at: Moment.at(0).time)
        #expect(entry.line == #"{"type":"note","time":"2026-11-20T00:00:00.000Z","# + end)
        #expect(entry.equipment == nil)
    }
}
