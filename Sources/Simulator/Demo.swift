// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus

/// The plant of `millpond demo`: four machines with ten devices on three wires.
package enum Demo {
    /// Where the plant and the gateway meet; the ports and the path are the simulator's.
    package struct Places: Hashable, Sendable {
        /// Modbus TCP to four drives behind one controller.
        package var controllerPort: UInt16
        /// RTU framing over TCP to two meters behind a serial device server.
        package var deviceServerPort: UInt16
        /// A serial line with one meter and three sensors; a pty, for which parity must be N.
        package var serial: String
        /// The folder of the buffer.
        package var directory: String
        /// Where the API listens, `host:port`.
        package var listen: String

        /// Everything is where the arguments say.
        package init(
            controllerPort: UInt16, deviceServerPort: UInt16, serial: String, directory: String,
            listen: String
        ) {
            self.controllerPort = controllerPort
            self.deviceServerPort = deviceServerPort
            self.serial = serial
            self.directory = directory
            self.listen = listen
        }
    }

    /// Parity N, because the kernel knows no parity on a pseudo-terminal.
    static let serialFormat = SerialFormat(baud: 19_200, dataBits: 8, parity: .none, stopBits: 1)

    /// The configuration, as an engineer would write it, for simulator and gateway alike.
    package static func configuration(at places: Places) -> String {
        """
        gateway: demo
        site: demo-plant

        connections:
          controller:
            tcp: 127.0.0.1:\(places.controllerPort)
          device-server:
            rtu-over-tcp: 127.0.0.1:\(places.deviceServerPort)
          hall:
            serial: \(quoted(places.serial))
            baud: \(serialFormat.baud)
            format: 8N1

        \(equipment)

        buffer:
          directory: \(quoted(places.directory))

        pull:
          listen: \(quoted(places.listen))

        """
    }

    private static let equipment = """
        equipment:
          press-1:
            label: Press 1
            area: press-shop/line-1
            criticality: 0.8
            devices:
              drive:   { profile: abb/acs580, via: controller, unit: 1, every: 1s }
              meter:   { profile: eastron/sdm630, via: hall, unit: 4, every: 1s }
              gearbox:
                profile: banner/qm42vt2
                via: hall
                unit: 11
                every: 1s
                component: gearbox
            health:
        \(vibration)
        \(winding)
          press-2:
            label: Press 2
            area: press-shop/line-2
            criticality: 0.6
            devices:
              drive:   { profile: abb/acs580, via: controller, unit: 2, every: 1s }
              meter:   { profile: eastron/sdm630, via: device-server, unit: 5, every: 1s }
              gearbox:
                profile: banner/qm42vt2
                via: hall
                unit: 12
                every: 1s
                component: gearbox
            health:
        \(vibration)
        \(winding)
          pump-3:
            label: Cooling water pump
            area: utilities
            criticality: 0.9
            devices:
              drive: { profile: abb/acs580, via: controller, unit: 3, every: 1s }
              meter: { profile: eastron/sdm630, via: device-server, unit: 6, every: 1s }
            health:
        \(winding)
              - condition: undervoltage
                component: supply
                signal: meter/voltage-l1
                limit-low: 207
                critical-low: 190
                hysteresis: 3
                on-delay: 10s
                off-delay: 10s
                action: Check the incoming supply
          conveyor-4:
            label: Scrap conveyor
            area: press-shop
            criticality: 0.3
            devices:
              drive:   { profile: abb/acs580, via: controller, unit: 4, every: 1s }
              gearbox:
                profile: banner/qm42vt2
                via: hall
                unit: 13
                every: 1s
                component: gearbox
            health:
        \(vibration)
        """

    /// Zones C and D of a machine of 15 to 300 kW on a flexible foundation (ISO 20816-3). The
    /// delays are short, because a demo is; the off-delay outlasts a start from standstill.
    private static let vibration = """
              - condition: vibration-zone
                component: gearbox
                signal: gearbox/z-velocity-rms
                limit-high: 4.5
                critical-high: 7.1
                hysteresis: 0.3
                on-delay: 5s
                off-delay: 15s
                while: drive/running
                status: maintenance-required
                action: Plan a new gearbox
        """

    private static let winding = """
              - condition: winding-hot
                component: motor
                signal: drive/motor-temperature
                limit-high: 95
                critical-high: 130
                hysteresis: 5
                on-delay: 10s
                off-delay: 10s
                status: off-spec
                action: Check cooling and load
        """

    private static func quoted(_ text: String) -> String {
        // A single-quoted YAML scalar knows one escape: a quote is doubled (YAML 1.2.2, §7.3.2).
        "'"
            + text.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "''") + "'"
    }
}
