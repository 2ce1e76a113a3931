// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Plant

/// A folder of its own for one test, gone afterwards.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = "/tmp/millpond-simulator-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // What is left behind in the temporary folder harms nobody.
        try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ text: String, to name: String) throws {
        let file = "\(path)/\(name)"
        let folder = String(file.prefix(upTo: file.lastIndex(of: "/") ?? file.endIndex))
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: file))
    }
}

enum PlantFixture {
    static let drive = """
        vendor: Test
        model: Drive
        source: made up
        modbus: { table: holding, type: uint16, max-gap: 4 }
        signals:
          status:      { at: 3, bits: { 0: ready, 1: running, 3: fault } }
          speed:       { at: 4, type: int16, unit: /min, role: speed }
          current:     { at: 5, scale: 0.1, unit: A, role: current-l1 }
          power:       { at: 10, type: float32, order: CDAB, unit: kW, role: active-power }
          winding:     { at: 20, type: int16, scale: 0.1, unit: Cel, role: winding-temperature }
          starts:      { at: 30, type: uint32, role: start-count }
          model:       { at: 40, type: string, registers: 6 }
          valve:       { at: 50, range: { min: 0, max: 1000 } }
          live:        { at: 7, table: coil }
        gates: { running: status.running }
        """

    static let meter = """
        vendor: Test
        model: Meter
        source: made up
        modbus: { table: input, type: float32 }
        signals:
          voltage-l1: { at: 0, unit: V, role: voltage-l1-n }
          voltage-l2: { at: 2, unit: V, role: voltage-l2-n }
          current-l2: { at: 8, unit: A }
          power-l2:   { at: 14, unit: W }
          power:      { at: 52, unit: W, role: active-power }
          apparent:   { at: 56, unit: V.A, role: apparent-power }
          frequency:  { at: 70, unit: Hz, role: grid-frequency }
          energy:     { at: 342, unit: kW.h, role: active-energy }
        """

    /// Two equipments with three devices on the connections that `connections` describes; `plc`
    /// and `meters` must be among them.
    static func configuration(in folder: TemporaryFolder, connections: String) throws
        -> Configuration
    {
        try folder.write(drive, to: "devices/test/drive/profile.yaml")
        try folder.write(meter, to: "devices/test/meter/profile.yaml")
        let text = """
            connections:
            \(connections)
            equipment:
              press-1:
                devices:
                  drive: { profile: test/drive, via: plc, unit: 1 }
                  meter: { profile: test/meter, via: meters, unit: 4 }
              pump-2:
                devices:
                  drive: { profile: test/drive, via: plc, unit: 2 }
            profiles: [\(folder.path)/devices]
            """
        return try Configuration.read(
            text: text, file: "\(folder.path)/millpond.yaml", profilesBeside: "/usr/bin/millpond"
        ).0
    }

    static let twoSockets = """
          plc: { tcp: "127.0.0.1:15502" }
          meters: { rtu-over-tcp: "127.0.0.1:15503" }
        """
}
