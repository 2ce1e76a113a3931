// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment
package import Modbus

/// What the plant engineer wrote in `millpond.yaml`, read strictly, with every default filled in
/// and every device bound to its profile.
package struct Configuration: Sendable {
    package var gateway: String
    package var site: String?
    package var connections: [Connection]
    package var equipment: [EquipmentDescription]
    /// The folders that were searched for profiles, the configured ones first, then the shipped.
    package var profiles: [String]
    package var buffer: BufferSettings
    package var pull: PullSettings

    /// How Modbus is reached.
    package struct Connection: Hashable, Sendable {
        package var name: String
        package var endpoint: Endpoint
        /// How long an answer may take, all of it.
        package var timeout: Duration
    }

    /// A machine that the plant cares about, with its devices.
    package struct EquipmentDescription: Sendable {
        package var id: String
        package var label: String?
        package var area: String?
        /// 0–1: how much the plant suffers when this machine stands still.
        package var criticality: Double?
        package var devices: [Device]
        /// Of its profiles and of its own, with signals and gates resolved to `<device>/<signal>`.
        package var conditions: [ConditionRule]
    }

    /// One Modbus unit on a connection, described by a profile.
    package struct Device: Sendable {
        package var name: String
        package var profile: Profile
        /// The name of its connection.
        package var via: String
        package var unit: UInt8
        /// The device's own period, for signals whose own line in the profile gives none.
        package var every: Duration?
        /// The part of the equipment that its conditions belong to.
        package var component: String?
    }

    package struct BufferSettings: Hashable, Sendable {
        /// Absolute, or relative to the working directory.
        package var directory: String
        /// Bytes.
        package var limit: Int
        package var sealEvery: Duration
        package var keepAcknowledged: Duration
    }

    package struct PullSettings: Hashable, Sendable {
        /// A name or an address without brackets.
        package var host: String
        /// 0 leaves the choice to the system.
        package var port: UInt16
        /// The file with the tokens; `nil`: nobody is asked for one.
        package var tokens: String?
        /// PEM files; both or none.
        package var certificate: String?
        package var key: String?
        package var insecureLAN: Bool
    }
}

extension Configuration.Device {
    /// How often a signal of its profile is read: the signal's own period, else the device's, else
    /// the profile's, else the default.
    package func period(of signal: ProfileSignal) -> Duration {
        signal.every ?? every ?? profile.every ?? Configuration.Default.every
    }
}

extension Configuration.EquipmentDescription {
    /// Everything that describes the equipment to a reader of its data, in one fixed form: it
    /// changes exactly when the model does. How a device is reached is no part of it.
    package var modelText: String {
        var lines = ["equipment \(id)"]
        lines += [("label", label), ("area", area), ("criticality", criticality.map { "\($0)" })]
            .compactMap { name, value in value.map { "\(name) \($0)" } }
        for device in devices {
            lines.append("device \(device.name) \(device.profile.id) \(device.component ?? "-")")
            lines.append(device.profile.text)
        }
        lines += conditions.map { rule in
            """
            condition \(rule.component ?? "-") \(rule.condition) \(rule.signal) \(rule.limits) \
            \(rule.hysteresis) \(rule.onDelay) \(rule.offDelay) \(rule.gate ?? "-") \
            \(rule.status.rawValue) \(rule.action ?? "-")
            """
        }
        return lines.joined(separator: "\n")
    }
}
