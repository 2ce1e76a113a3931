// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment
package import Modbus
package import Settings

/// What the plant engineer wrote in `millpond.yaml`, read strictly, with every default filled in
/// and every device bound to its profile.
package struct Configuration: Hashable, Sendable {
    /// Who sends the data; the host name unless given.
    package var gateway: String
    /// Where the gateway stands.
    package var site: String?
    /// In the order of the file, names unique.
    package var connections: [Connection]
    /// In the order of the file, ids unique.
    package var equipment: [EquipmentDescription]
    /// The folders that were searched for profiles, the configured ones first, then the shipped.
    package var profiles: [String]
    /// Where batches wait.
    package var buffer: BufferSettings
    /// The API and the status page.
    package var pull: PullSettings

    /// How Modbus is reached.
    package struct Connection: Hashable, Sendable {
        /// The key in the file.
        package var name: String
        /// What to open.
        package var endpoint: Endpoint
        /// How long an answer may take, all of it.
        package var timeout: Duration
    }

    /// A machine that the plant cares about, with its devices.
    package struct EquipmentDescription: Hashable, Sendable {
        /// The key in the file.
        package var id: String
        /// For people.
        package var label: String?
        /// Where it stands.
        package var area: String?
        /// 0–1: how much the plant suffers when this machine stands still.
        package var criticality: Double?
        /// At least one; in the order of the file, names unique.
        package var devices: [Device]
        /// Of its profiles and of its own, with signals and gates resolved to `<device>/<signal>`.
        package var conditions: [ConditionRule]
    }

    /// One Modbus unit on a connection, described by a profile.
    package struct Device: Hashable, Sendable {
        /// The key in the file.
        package var name: String
        /// How to read it.
        package var profile: Profile
        /// The name of its connection.
        package var via: String
        /// 1–247, over TCP also 0 and 255.
        package var unit: UInt8
        /// The device's own period, for signals whose own line in the profile gives none.
        package var every: Duration?
        /// The part of the equipment that its conditions belong to.
        package var component: String?
    }

    /// Where batches wait until they are pulled.
    package struct BufferSettings: Hashable, Sendable {
        /// Absolute, or relative to the working directory.
        package var directory: String
        /// Bytes.
        package var limit: Int
        /// How old a batch may grow before it is sealed.
        package var sealEvery: Duration
        /// How long a batch is kept after every consumer has acknowledged it.
        package var keepAcknowledged: Duration
        /// How long a reader may stay away without a loss, if the plant engineer says so.
        package var survive: Survival?
        /// What becomes of the oldest readings when there is no more room.
        package var whenFull: WhenFull
    }

    /// What the buffer is to survive, and where that is written, for whom it does not fit.
    package struct Survival: Hashable, Sendable {
        /// Without anybody reading.
        package var duration: Duration
        /// Where it stands in the file.
        package var place: Place

        /// By what they ask for: a line more above it changes nothing.
        package static func == (left: Self, right: Self) -> Bool {
            left.duration == right.duration
        }

        /// As `==` has it.
        package func hash(into hasher: inout Hasher) { hasher.combine(duration) }
    }

    /// What becomes of the oldest readings when there is no more room. Transitions of health are
    /// carried on either way, as the last to go.
    package enum WhenFull: String, CaseIterable, Sendable {
        /// They are lost.
        case drop
        /// Minimum, maximum, mean and count are left of them.
        case thin
    }

    /// Where the API listens, and whom it lets in.
    package struct PullSettings: Hashable, Sendable {
        /// A name or an address without brackets.
        package var host: String
        /// 0 leaves the choice to the system.
        package var port: UInt16
        /// The file with the tokens; `nil`: nobody is asked for one.
        package var tokens: String?
        /// `nil`: what is served goes in clear.
        package var tls: TLS?
        /// Serve beyond loopback without TLS or tokens.
        package var insecureLAN: Bool
    }

    /// Who the gateway is, to those whom it serves.
    package struct TLS: Hashable, Sendable {
        /// A PEM file: the certificate and those that vouch for it.
        package var certificate: String
        /// A PEM file: the certificate's private key.
        package var key: String
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
            let limits = rule.limits
            let bounds = [limits.criticalLow, limits.low, limits.high, limits.criticalHigh]
                .map { $0.map { "\($0)" } ?? "-" }.joined(separator: " ")
            return """
                condition \(rule.component ?? "-") \(rule.condition) \(rule.signal) \(bounds) \
                \(rule.hysteresis) \(rule.onDelay.setting) \(rule.offDelay.setting) \
                \(rule.gate ?? "-") \(rule.status.rawValue) \(rule.action ?? "-")
                """
        }
        return lines.joined(separator: "\n")
    }
}
