// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment

/// An equipment in the shape of the contract: its keys are always there, null where there is
/// nothing to say; a signal has a `reason` only where it is not good.
extension EquipmentSnapshot {
    func write(to json: inout JSONText) {
        json.member("id", id)
        json.member("label", label)
        json.member("area", area)
        json.member("model", model)
        json.object("health") { health.write(to: &$0) }
        json.object("data") { json in
            json.member("status", dataStatus.rawValue)
            json.array("devices") { json in
                for device in devices { json.object { device.write(to: &$0) } }
            }
        }
        json.array("signals") { json in
            for signal in signals { json.object { signal.write(to: &$0) } }
        }
    }
}

extension HealthSnapshot {
    fileprivate func write(to json: inout JSONText) {
        json.member("known", status != nil)
        json.member("status", status?.rawValue)
        json.array("flags") { json in
            for flag in flags { json.element(flag.rawValue) }
        }
        json.member("index", index)
        json.member("coverage", coverage)
        json.array("conditions") { json in
            for condition in conditions { json.object { condition.write(to: &$0) } }
        }
    }
}

extension ConditionSnapshot {
    fileprivate func write(to json: inout JSONText) {
        json.member("condition", condition)
        json.member("component", component)
        json.member("state", state.rawValue)
        json.member("since", since)
        json.member("status", status.rawValue)
        json.member("text", text)
        json.member("action", action)
    }
}

extension DeviceSnapshot {
    fileprivate func write(to json: inout JSONText) {
        json.member("device", device)
        json.member("state", state.rawValue)
        json.member("since", since)
    }
}

extension SignalSnapshot {
    fileprivate func write(to json: inout JSONText) {
        json.member("signal", signal.name)
        json.member("role", signal.role?.rawValue)
        json.member("unit", signal.unit)
        json.member("value", content.value)
        json.member("quality", content.quality.rawValue)
        json.member("reason", ifAny: content.reason?.word)
        if case .refused(let exception) = content.reason {
            json.member("exception", Int(exception))
        }
        json.member("time", time)
        json.member("age_ms", age?.milliseconds)
    }
}
