// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Settings

extension ConfigurationReader {
    /// All machines; after a mistake some are left out.
    mutating func readEquipment(
        _ field: Field, via connections: [String: NamedConnection]?
    ) -> [Configuration.EquipmentDescription] {
        guard let entries = field.entries() else { return [] }
        if entries.isEmpty {
            findings.mistake(at: field.keyPlace, "\"equipment\" names no equipment")
        }
        var units = UnitRegister()
        var equipment: [Configuration.EquipmentDescription] = []
        for entry in entries {
            guard let machine = readMachine(entry, connections, &units) else { continue }
            equipment.append(machine)
        }
        return equipment
    }

    private mutating func readMachine(
        _ field: Field, _ connections: [String: NamedConnection]?, _ units: inout UnitRegister
    ) -> Configuration.EquipmentDescription? {
        guard let section = field.section(keys: Configuration.Key.equipment) else { return nil }
        let id = field.namedKey()
        let label = section["label"]?.text()
        let area = section["area"]?.text()
        let criticality = section["criticality"].flatMap { readCriticality($0) }
        var scope = RuleScope()
        var devices: [Configuration.Device] = []
        let entries = section.required("devices")?.entries()
        if let entries, entries.isEmpty {
            findings.mistake(
                at: section["devices"]?.keyPlace ?? field.keyPlace,
                "\(Field.quote(field.key)) has no device")
        }
        for entry in entries ?? [] {
            let device = readDevice(entry, connections)
            scope.add(device: entry.key, device?.profile)
            guard let device else { continue }
            units.note(device, in: field.key, at: entry.keyPlace, findings)
            devices.append(device)
        }
        let brought = devices.flatMap(\.conditions)
        tellCollisions(brought, devices, entries ?? [])
        let conditions =
            brought + [ConditionRule](section["health"], in: scope, beside: brought)
        guard let id else { return nil }
        return Configuration.EquipmentDescription(
            id: id, label: label, area: area, criticality: criticality, devices: devices,
            conditions: conditions)
    }

    private func readCriticality(_ field: Field) -> Double? {
        guard let value = field.number() else { return nil }
        guard (0...1).contains(value) else {
            field.mistake("\"criticality\" must be 0 to 1, not \(Field.text(value))")
            return nil
        }
        return value
    }

    private mutating func readDevice(
        _ field: Field, _ connections: [String: NamedConnection]?
    ) -> Configuration.Device? {
        guard let section = field.section(keys: Configuration.Key.device) else { return nil }
        let name = field.namedKey()
        let profile = section.required("profile").flatMap { self.profile($0) }
        let via = section.required("via")
        let connection = via.flatMap { findConnection($0, connections) }
        let unit = section.required("unit").flatMap {
            readUnit($0, over: connection?.connection?.endpoint.framing)
        }
        let every = section["every"]?.duration(in: Configuration.Bound.every)
        let component = section["component"]?.name()
        guard let name, let profile, let connection, let unit else { return nil }
        return Configuration.Device(
            name: name, profile: profile, via: connection.name, unit: unit, every: every,
            component: component)
    }

    private func findConnection(
        _ field: Field, _ connections: [String: NamedConnection]?
    ) -> NamedConnection? {
        guard let name = field.text(), let connections else { return nil }
        if let connection = connections[name] { return connection }
        field.mistake(
            "there is no connection \(Field.quote(name))",
            suggestion: Suggestion.nearest(to: name, among: connections.keys.sorted()))
        return nil
    }

    /// 1 to 247 on a wire (MODBUS over Serial Line V1.02, §2.2); TCP also has 0 and 255 for a
    /// device that is its own endpoint (MODBUS Messaging on TCP/IP V1.0b, §4.4.2.3), and libmodbus
    /// refuses the reserved 248 to 254. Over a connection that could not be read, both are let be.
    private func readUnit(_ field: Field, over framing: Endpoint.Framing?) -> UInt8? {
        guard let unit = field.whole(in: 0...255) else { return nil }
        guard !(248...254).contains(unit) else {
            field.mistake("unit \(unit) is reserved (248 to 254)")
            return nil
        }
        guard (1...247).contains(unit) || framing != .rtu else {
            field.mistake("\"unit\" must be 1 to 247 on a serial line, not \(unit)")
            return nil
        }
        return UInt8(unit)
    }

    /// Two devices may bring the same condition of the same component; then nobody could tell
    /// their transitions apart.
    private func tellCollisions(
        _ conditions: [ConditionRule], _ devices: [Configuration.Device], _ entries: [Field]
    ) {
        for (index, device) in devices.enumerated() {
            let before = devices[..<index].flatMap(\.conditions)
            guard
                let rule = device.conditions.first(where: { rule in
                    before.contains { $0.isSame(as: rule) }
                }), let entry = entries.first(where: { $0.key == device.name })
            else { continue }
            findings.mistake(
                at: entry.keyPlace,
                "\(Field.quote(device.name)) and another device both watch "
                    + "\(Field.quote(rule.condition)) of \(Field.quote(rule.component ?? "")); "
                    + "give each a \"component\" of its own")
        }
    }
}

extension Configuration.Device {
    /// The conditions that its profile brings, under names of the equipment.
    ///
    /// They belong to the component that the configuration gives the device, else to the one that
    /// the profile says, else to the device itself.
    var conditions: [ConditionRule] {
        profile.health.map { rule in
            var resolved = rule
            resolved.component = component ?? rule.component ?? name
            resolved.signal = "\(name)/\(rule.signal)"
            resolved.gate = rule.gate.flatMap { profile.gates[$0] }.map { "\(name)/\($0)" }
            return resolved
        }
    }
}

/// Which unit of which connection is read with which profile: finds units that are given twice.
private struct UnitRegister {
    private struct Key: Hashable {
        var via: String
        var unit: UInt8
        var profile: String
    }

    private var known: [Key: (equipment: String, device: String, place: Place)] = [:]

    /// Twice within a machine is a slip; two machines may share a meter, but somebody should know.
    /// Different profiles of one unit are fine: a controller that serves several purposes.
    mutating func note(
        _ device: Configuration.Device, in equipment: String, at place: Place, _ findings: Findings
    ) {
        let key = Key(via: device.via, unit: device.unit, profile: device.profile.id)
        guard let other = known[key] else {
            known[key] = (equipment, device.name, place)
            return
        }
        let text =
            "unit \(device.unit) on \(Field.quote(device.via)) is already "
            + "\(other.equipment)/\(other.device) in line \(other.place.line)"
        if other.equipment == equipment {
            findings.mistake(at: place, text)
        } else {
            findings.note(at: place, text + "; it is read twice")
        }
    }
}
