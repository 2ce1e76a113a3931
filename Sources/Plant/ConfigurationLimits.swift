// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
package import Modbus

extension Configuration {
    /// What holds where `millpond.yaml` says nothing.
    package enum Default {
        /// 19200 8E1 (MODBUS over Serial Line V1.02, §2.5.1).
        package static let serial = SerialFormat.standard
        /// The port registered for Modbus TCP.
        package static let port: UInt16 = 502
        /// Above what slow gateways and 125 registers at 9600 baud need, 0.3 s.
        package static let timeout = Duration.seconds(1)
        /// Of a signal, where neither it, the device nor the profile says.
        package static let every = Duration.seconds(10)
        /// Searched before the folder that came with the binary.
        package static let profiles = ["/etc/millpond/devices"]
        /// systemd's StateDirectory.
        package static let directory = "/var/lib/millpond"
        /// Some three weeks at 500 readings a second.
        package static let limit = 2 << 30
        /// What a power cut can cost.
        package static let sealEvery = Duration.seconds(10)
        /// Time to notice that a platform has lost what it acknowledged.
        package static let keepAcknowledged = Duration.seconds(24 * 3600)
        /// What no one has asked for is not made up.
        package static let whenFull = WhenFull.drop
        /// Loopback: nobody is served by accident.
        package static let host = "127.0.0.1"
        /// Where clients expect a gateway that says nothing else.
        package static let listenPort: UInt16 = 8470
        /// Whoever wants it says so.
        package static let insecureLAN = false
    }

    /// What may be written; outside it a setting is a mistake rather than an adventure.
    package enum Bound {
        /// Below it no serial device answers; above it the line is lost for a minute.
        package static let timeout = Duration.milliseconds(10)...Duration.seconds(60)
        /// Below it the wire is the limit, above it nobody would notice that a device is gone.
        package static let every = Duration.milliseconds(10)...Duration.seconds(24 * 3600)
        /// Below it flash wears out, above it a power cut costs too much.
        package static let sealEvery = Duration.milliseconds(100)...Duration.seconds(3600)
        /// From one batch of the largest size and the tables around it to the largest file of ext4.
        package static let limit = (1 << 20)...(1 << 44)
        /// The byte limit binds long before a year.
        package static let keepAcknowledged = Duration.zero...Duration.seconds(365 * 24 * 3600)
        /// Above a few batches, and what the largest limit could hold of a small plant.
        package static let survive = Duration.seconds(60)...Duration.seconds(365 * 24 * 3600)
        /// On- and off-delay of a condition.
        package static let delay = Duration.zero...Duration.seconds(24 * 3600)
        /// libmodbus can use descriptors below 1024 only. Each connection takes one; its clients 128,
        /// the exchanges that all of them share 2, event loops, buffer and log 38 at the most.
        package static let connections = 850
        /// Speeds that a serial port can be set to by name (termios, `speed_t`).
        package static let bauds = [
            300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115_200, 230_400, 460_800,
            500_000, 576_000, 921_600, 1_000_000,
        ]
    }

    /// The keys that each part of `millpond.yaml` accepts; `*` stands for a name of the user's.
    package static let keys: [String: [String]] = [
        "": Key.root, "connections.*": Key.connection, "equipment.*": Key.equipment,
        "equipment.*.devices.*": Key.device, "equipment.*.health": ConditionRule.keys,
        "buffer": Key.buffer, "pull": Key.pull, "pull.tls": Key.tls,
    ]

    enum Key {
        static let root = [
            "gateway", "site", "connections", "equipment", "profiles", "buffer", "pull",
        ]
        static let connection = ["tcp", "serial", "rtu-over-tcp", "baud", "format", "timeout"]
        static let equipment = ["label", "area", "criticality", "devices", "health"]
        static let device = ["profile", "via", "unit", "every", "component"]
        static let buffer = [
            "directory", "limit", "seal-every", "keep-acknowledged", "survive", "when-full",
        ]
        static let pull = ["listen", "tokens", "tls", "insecure-lan"]
        static let tls = ["certificate", "key"]
    }
}
