// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment

@testable import Buffer

/// 500 signals a second as a plant makes them, from a seed: 25 devices of 20 signals, polled each
/// second, one time stamp an answer. 30 % temperatures in tenths, 20 % noisy float32, 20 % noisy
/// voltages in tenths, 10 % counters, 10 % Booleans, 10 % status words.
struct PlantData {
    private var random = Seeded(2026)
    private var devices: [[Source]] = []
    private var now = Timestamp.start.milliseconds

    fileprivate struct Source {
        let signal: Signal
        var level: Double
        let kind: Int
    }

    static let signalsPerDevice = 20

    init(devices count: Int = 25) {
        let machines = ["press", "pump", "oven", "conveyor", "compressor"]
        let names: [(String, String?, Int)] = [
            ("winding-temperature", "Cel", 0), ("bearing-temperature-de", "Cel", 0),
            ("bearing-temperature-nde", "Cel", 0), ("cabinet-temperature", "Cel", 0),
            ("coolant-temperature-in", "Cel", 0), ("coolant-temperature-out", "Cel", 0),
            ("active-power", "kW", 1), ("reactive-power", "kvar", 1), ("current-l1", "A", 1),
            ("vibration-velocity-rms", "mm/s", 1), ("voltage-l1-n", "V", 2),
            ("voltage-l2-n", "V", 2), ("voltage-l3-n", "V", 2), ("dc-link-voltage", "V", 2),
            ("active-energy", "kW.h", 3), ("part-count", "1", 3), ("status.running", nil, 4),
            ("status.fault", nil, 4), ("operation-mode", nil, 5), ("fault-code", nil, 5),
        ]
        for number in 0..<count {
            let equipment = "\(machines[number % 5])-\(number / 5 + 1)"
            devices.append(
                names.map { name, unit, kind in
                    Source(
                        signal: Signal(
                            equipment: equipment, device: number % 2 == 0 ? "drive" : "meter",
                            signal: name, unit: unit, role: nil),
                        level: [450, 312, 230, 120_000, 0, 3][kind]
                            * Double.random(in: 0.5...1.5, using: &random),
                        kind: kind)
                })
        }
    }

    /// The next `seconds` of readings, in the order in which answers came.
    mutating func next(seconds: Int) -> [Record] {
        var records: [Record] = []
        for _ in 0..<seconds {
            for device in devices.indices {
                let jitter = Int64.random(in: 0...6, using: &random)
                let time = Timestamp(milliseconds: now + Int64(device * 40) + jitter)
                for index in devices[device].indices {
                    let value = devices[device][index].next(&random)
                    records.append(
                        .reading(
                            Reading(
                                signal: devices[device][index].signal, time: time,
                                content: .good(value))))
                }
            }
            now += 1_000
        }
        return records
    }

    /// When the last of them was read.
    var time: Timestamp { Timestamp(milliseconds: now) }
}

extension PlantData.Source {
    /// What it says a second later.
    fileprivate mutating func next(_ random: inout Seeded) -> Value {
        /// About normal, with a deviation of 1.
        func noise() -> Double {
            (0..<4).reduce(0) { sum, _ in sum + Double.random(in: -0.866...0.866, using: &random) }
        }
        switch kind {
        case 0:
            if Int.random(in: 0..<5, using: &random) == 0 {
                level += Double(Int.random(in: -1...1, using: &random))
            }
            return .number(level.rounded() / 10)
        case 1: return .number(Double(Float(level * (1 + noise() / 200))))
        case 2: return .number((level * 10 + noise() * 8).rounded() / 10)
        case 3:
            level += Double(Int.random(in: 0...2, using: &random))
            return .number(level.rounded())
        case 4:
            if Int.random(in: 0..<300, using: &random) == 0 { level = 1 - level }
            return .boolean(level != 0)
        default:
            if Int.random(in: 0..<120, using: &random) == 0 {
                level = Double(Int.random(in: 0...7, using: &random))
            }
            return .number(level.rounded())
        }
    }
}
