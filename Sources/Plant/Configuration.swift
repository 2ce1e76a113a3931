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
    package var buffer: BufferSettings
    package var pull: PullSettings

    /// How Modbus is reached.
    package struct Connection: Sendable {
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
        package var component: String?
    }

    package struct BufferSettings: Sendable {
        package var directory: String
        /// Bytes.
        package var limit: Int
        package var sealEvery: Duration
        package var keepAcknowledged: Duration
    }

    package struct PullSettings: Sendable {
        package var host: String
        package var port: UInt16
        package var tokens: String?
        package var certificate: String?
        package var key: String?
        package var insecureLAN: Bool
    }
}
