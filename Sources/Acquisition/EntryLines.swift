// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Buffer
package import Equipment

extension Entry {
    /// The `health` line of a transition, with the evidence from which it can be decided again.
    ///
    /// Limits keep their names from the configuration; times are RFC 3339, lengths of time are
    /// whole milliseconds.
    package init(_ transition: Transition) {
        var json = JSONText()
        json.object { json in
            json.member("type", "health")
            json.member("time", transition.time)
            json.member("equipment", transition.equipment)
            json.member("component", ifAny: transition.component)
            json.member("condition", transition.condition)
            json.member("from", transition.from.rawValue)
            json.member("to", transition.to.rawValue)
            json.member("status", transition.status?.rawValue)
            json.member("severity", transition.severity)
            json.member("index", transition.index)
            json.object("evidence") { transition.evidence.write(to: &$0) }
        }
        self.init(time: transition.time, equipment: transition.equipment, line: json.text)
    }
}

extension Evidence {
    fileprivate func write(to json: inout JSONText) {
        json.member("signal", signal)
        json.member("unit", ifAny: unit)
        json.member("value", value)
        json.member("time", ifAny: time)
        json.object("limits") { json in
            for limit in limits.plain + limits.critical {
                json.member(limit.kind.rawValue, limit.value)
            }
        }
        json.member("limit", ifAny: limit?.kind.rawValue)
        json.member("hysteresis", hysteresis)
        json.member("on_delay_ms", onDelay.milliseconds)
        json.member("off_delay_ms", offDelay.milliseconds)
        json.member("since", ifAny: since)
        json.member("held_ms", held.milliseconds)
        json.member("gate", ifAny: gate)
        json.member("gate_state", ifAny: gateState?.rawValue)
        json.member("reason", ifAny: reason?.word)
        if case .refused(let exception) = reason { json.member("exception", Int(exception)) }
        json.member("hold_ms", hold.milliseconds)
    }
}
