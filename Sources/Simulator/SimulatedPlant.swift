// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus
import Plant

/// The plant of a configuration, without a wire: machines, their devices, and what these answer.
///
/// A value: it advances by time handed in. Devices of one equipment share its machine, so that
/// a meter shows what a drive takes.
struct SimulatedPlant: Sendable {
    /// Where a device is reached.
    struct Address: Hashable, Sendable {
        var connection: String
        var unit: UInt8
    }

    /// A device of the configuration. Several may be one unit: a controller that serves several
    /// purposes, or a meter that two machines share.
    private struct Part: Sendable {
        let equipment: String
        let path: String
        var device: SimulatedDevice
        var dropOuts: DropOuts
    }

    private(set) var machines: [String: Machine] = [:]
    private var units: [Address: [Part]] = [:]
    private var addresses: [String: Address] = [:]
    private var faults: [ScheduledFault] = []
    private(set) var elapsed = Duration.zero

    /// Builds the plant of `configuration` from `seed`; `presence` says whether devices drop off
    /// and come back by themselves.
    init(
        _ configuration: Configuration, seed: UInt64, presence: PlantSimulator.Presence
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
                units[address, default: []].append(
                    Part(
                        equipment: equipment.id, path: path,
                        device: SimulatedDevice(device.profile, random: own),
                        dropOuts: DropOuts(presence, random: own.split(for: "drop-outs"))))
            }
        }
    }

    mutating func step(by duration: Duration) {
        elapsed += duration
        for equipment in machines.keys { machines[equipment]?.step(by: duration) }
        for address in units.keys {
            for part in units[address, default: []].indices {
                units[address]?[part].device.step(by: duration)
                units[address]?[part].dropOuts.step(by: duration)
            }
        }
    }

    /// Schedules a fault from now on; false if the plant has no such device.
    mutating func commit(_ fault: ScheduledFault) -> Bool {
        guard addresses[fault.device] != nil else { return false }
        var fault = fault
        fault.start += elapsed
        faults.append(fault)
        return true
    }

    /// Ends all faults of a device, `<equipment>/<device>`; false if the plant has no such device.
    mutating func repair(_ device: String) -> Bool {
        faults.removeAll { $0.device == device }
        return addresses[device] != nil
    }

    var devices: [Address] { Array(units.keys) }

    /// What stands in the registers of the unit at `address` now.
    func registers(at address: Address) -> RegisterImage? {
        units[address].map { parts in
            RegisterImage(
                parts.flatMap { part in
                    machines[part.equipment].map { part.device.words(of: $0) } ?? []
                }, maxGap: parts.map(\.device.maxGap).max() ?? 0)
        }
    }

    /// What the unit at `address` says of itself; of several devices in one, the first speaks.
    func identification(at address: Address) -> DeviceIdentification? {
        units[address]?.first?.device.identification
    }

    /// The signals that number their answers, each with its name, `<equipment>/<device>/<signal>`.
    var heartbeats: [(name: String, address: Address, signal: ProfileSignal)] {
        units.flatMap { address, parts in
            parts.flatMap { part in
                part.device.heartbeats.map { ("\(part.path)/\($0.name)", address, $0) }
            }
        }
    }

    /// What the unit at `address` does wrong now: what was asked for last, else its absence.
    func fault(at address: Address) -> Fault? {
        guard let parts = units[address] else { return nil }
        let asked = faults.last { fault in
            fault.isActive(at: elapsed) && parts.contains { $0.path == fault.device }
        }
        return asked?.fault ?? (parts.contains { $0.dropOuts.isAway } ? .silent : nil)
    }

    /// The number that `signal` of `device` (`<equipment>/<device>`) shows now, before encoding.
    func number(of signal: String, device: String) -> Double? {
        guard let address = addresses[device],
            let part = units[address]?.first(where: { $0.path == device }),
            let machine = machines[part.equipment]
        else { return nil }
        return part.device.number(of: signal, in: machine)
    }
}
