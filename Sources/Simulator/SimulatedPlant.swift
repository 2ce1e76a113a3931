// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Modbus
package import Plant

/// The plant of a configuration, without a wire: machines, their devices, and what these answer.
///
/// A value: it advances by time handed in. Devices of one equipment share its machine, so that
/// a meter shows what a drive takes.
package struct SimulatedPlant: Sendable {
    /// Where a device is reached.
    package struct Address: Hashable, Sendable {
        package var connection: String
        package var unit: UInt8

        package init(connection: String, unit: UInt8) {
            self.connection = connection
            self.unit = unit
        }
    }

    /// What a device does with a request.
    package enum Answer: Hashable, Sendable {
        case words([UInt16])
        case exception(UInt8)
        case silence
        /// As asked for by a fault; `words` are what a sound device would have answered.
        case fault(Fault.Kind, words: [UInt16]?)
    }

    private struct Unit: Sendable {
        let equipment: String
        let path: String
        var device: SimulatedDevice
        var dropOuts: DropOuts
        var image: RegisterImage?
    }

    package private(set) var machines: [String: Machine] = [:]
    private var units: [Address: Unit] = [:]
    private var addresses: [String: Address] = [:]
    private var faults: [Fault] = []
    package private(set) var elapsed = Duration.zero

    /// Builds the plant of `configuration` from `seed`; `presence` says whether devices drop off
    /// and come back by themselves.
    package init(
        _ configuration: Configuration, seed: UInt64, presence: DropOuts.Presence
    ) {
        let random = SeededGenerator(seed: seed)
        for (place, equipment) in configuration.equipment.enumerated() {
            // The first machine is nearly worn out, so that health has something to say soon.
            machines[equipment.id] = Machine(
                random: random.split(for: equipment.id), wear: place == 0 ? 0.55 : nil,
                life: place == 0 ? 240 : nil)
            for device in equipment.devices {
                let path = "\(equipment.id)/\(device.name)"
                let address = Address(connection: device.via, unit: device.unit)
                let own = random.split(for: path)
                addresses[path] = address
                units[address] = Unit(
                    equipment: equipment.id, path: path,
                    device: SimulatedDevice(device.profile, random: own),
                    dropOuts: DropOuts(presence, random: own.split(for: "drop-outs")))
            }
        }
    }

    package mutating func step(by duration: Duration) {
        elapsed += duration
        for equipment in machines.keys { machines[equipment]?.step(by: duration) }
        for address in units.keys {
            units[address]?.device.step(by: duration)
            units[address]?.dropOuts.step(by: duration)
            units[address]?.image = nil
        }
    }

    /// Adds a fault, which begins at its start after that of the simulation; false if the plant
    /// has no such device.
    package mutating func commit(_ fault: Fault) -> Bool {
        guard addresses[fault.device] != nil else { return false }
        faults.append(fault)
        return true
    }

    /// Ends all faults of a device, `<equipment>/<device>`.
    package mutating func repair(_ device: String) {
        faults.removeAll { $0.device == device }
    }

    /// What the device at `connection` answers now; silence where there is none.
    package mutating func answer(_ request: Request, on connection: String) -> Answer {
        let address = Address(connection: connection, unit: request.unit)
        guard let unit = units[address], let machine = machines[unit.equipment] else {
            return .silence
        }
        let image = unit.image ?? unit.device.registers(of: machine)
        units[address]?.image = image
        let words = image.words(request)
        let fault = faults.last { $0.device == unit.path && $0.isActive(at: elapsed) }
        if let fault { return .fault(fault.kind, words: words) }
        if unit.dropOuts.isAway { return .silence }
        return words.map(Answer.words) ?? .exception(2)
    }

    /// The number that `signal` of `device` (`<equipment>/<device>`) shows now, before encoding.
    package func number(of signal: String, device: String) -> Double? {
        guard let address = addresses[device], let unit = units[address],
            let machine = machines[unit.equipment]
        else { return nil }
        return unit.device.number(of: signal, in: machine)
    }
}
