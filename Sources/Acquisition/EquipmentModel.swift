// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment
internal import Plant

/// What an equipment's readings mean: everything in the configuration and its profiles that
/// describes it, so that a platform can tell when the meaning of the data has changed.
struct EquipmentModel {
    private let text: String

    init(_ description: Configuration.EquipmentDescription) {
        var json = JSONText()
        json.object { json in
            json.member("id", description.id)
            json.member("label", description.label)
            json.member("area", description.area)
            json.member("criticality", description.criticality)
            json.array("devices") { json in
                for device in description.devices {
                    json.object { json in
                        json.member("name", device.name)
                        json.member("component", device.component)
                        json.member("every_ms", device.every?.milliseconds)
                        json.member("profile", device.profile.text)
                    }
                }
            }
            json.array("conditions") { json in
                for rule in description.conditions {
                    json.object { rule.describe(to: &$0) }
                }
            }
        }
        text = json.text
    }

    /// `sha256:<hex>`; the same for the same description on every box.
    var fingerprint: String {
        var text = text
        let digest = text.withUTF8 { Digest.sha256(UnsafeRawBufferPointer($0)) }
        precondition(digest != nil, "libcrypto has SHA-256")
        return "sha256:" + Digest.hex(digest ?? [])
    }
}

extension ConditionRule {
    fileprivate func describe(to json: inout JSONText) {
        json.member("condition", condition)
        json.member("component", component)
        json.member("signal", signal)
        for limit in limits.plain + limits.critical {
            json.member(limit.kind.rawValue, limit.value)
        }
        json.member("hysteresis", hysteresis)
        json.member("on_delay_ms", onDelay.milliseconds)
        json.member("off_delay_ms", offDelay.milliseconds)
        json.member("gate", gate)
        json.member("status", status.rawValue)
        json.member("action", action)
    }
}
