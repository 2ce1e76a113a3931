// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment
internal import Plant

/// An equipment with the part of the plan that is its own.
struct Machine: Sendable {
    let description: Configuration.EquipmentDescription
    let model: String
    let devices: Range<Int>
    let signals: Range<Int>

    static func all(of configuration: Configuration, _ plan: PollPlan) -> [Machine] {
        var device = 0
        var signal = 0
        return configuration.equipment.map { description in
            let devices = device..<device + description.devices.count
            let end = devices.last.map { plan.devices[$0].signals.upperBound } ?? signal
            defer { (device, signal) = (devices.upperBound, end) }
            return Machine(
                description: description, model: fingerprint(of: description.modelText),
                devices: devices, signals: signal..<end)
        }
    }

    private static func fingerprint(of model: String) -> String {
        let digest = Array(model.utf8).withUnsafeBytes(Digest.sha256)
        return "sha256:" + Digest.hex(digest)
    }
}
