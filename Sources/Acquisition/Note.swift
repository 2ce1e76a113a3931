// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment

/// What a `note` record says of the data.
enum Note: Equatable, Sendable {
    /// Polling begins: how much there is to poll. What was before is older than this.
    case started(equipment: Int, devices: Int, signals: Int)
    /// Polling has ended on request; the silence that follows is not the plant's.
    case stopped
    /// The wall clock jumped: stamps before and after do not compare. Positive is forwards.
    case clockStep(by: Duration)
    /// Synchronisation came after a stretch without: what was stamped when that stretch began was
    /// off by so much. Positive is behind.
    case clockCorrection(by: Duration, boot: String, at: Uptime)
    /// A counter was found lower than before: what it counted in between.
    case counter(CounterStep, of: Signal)

    /// `nil` if it is about all.
    var equipment: String? {
        if case .counter(_, let signal) = self { signal.equipment } else { nil }
    }

    var kind: String {
        switch self {
        case .started: "started"
        case .stopped: "stopped"
        case .clockStep: "clock-step"
        case .clockCorrection: "clock-correction"
        case .counter(let step, _): step.kind == .rollover ? "counter-rollover" : "counter-reset"
        }
    }

    fileprivate func write(to json: inout JSONText) {
        switch self {
        case .started(let equipment, let devices, let signals):
            json.member("machines", equipment)
            json.member("devices", devices)
            json.member("signals", signals)
        case .stopped: break
        case .clockStep(let step): json.member("step_ms", step.milliseconds)
        case .clockCorrection(let offset, let boot, let uptime):
            json.member("boot", boot)
            json.member("offset_ms", offset.milliseconds)
            json.member("monotonic", uptime.milliseconds)
        case .counter(let step, let signal):
            json.member("equipment", signal.equipment)
            json.member("signal", signal.name)
            json.member("from", step.from)
            json.member("to", step.to)
            json.member("unit", ifAny: signal.unit)
            json.member("modulus", step.modulus)
        }
    }
}

extension Entry {
    /// The `note` line of something said of the data.
    init(_ note: Note, at time: Timestamp) {
        var json = JSONText()
        json.object { json in
            json.member("type", "note")
            json.member("time", time)
            json.member("kind", note.kind)
            note.write(to: &json)
        }
        self.init(time: time, equipment: note.equipment, line: json.text)
    }
}
