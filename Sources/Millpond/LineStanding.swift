// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// One of the `connections` of `/v1/status`, as far as it is shown; its keys are those of the API.
struct LineStanding: Decodable {
    struct Percentiles: Decodable {
        var p50: Double?
        var p99: Double?
    }
    struct Share: Decodable {
        var predicted: Double
        var measured: Double?
    }
    var connection: String
    var state: String
    var since: String
    var requests: Int
    var answers: Int
    var timeouts: Int
    var damaged_frames: Int
    var stray_bytes: Int
    var reconnects: Int
    var overruns: Int
    var load_percent: Share
    var round_trip_ms: Percentiles
    var lateness_ms: Percentiles
    var devices: [DeviceStanding]

    static func table(of connections: [LineStanding]) -> TextTable {
        var table = TextTable([
            ("CONNECTION", .left), ("STATE", .left), ("LOAD", .right), ("PREDICTED", .right),
            ("LATE P50", .right), ("P99", .right), ("SKIPPED", .right), ("DAMAGED", .right),
            ("STRAY", .right), ("RECONNECTS", .right),
        ])
        for line in connections where !line.devices.isEmpty {
            table.add([
                line.connection, line.state, percent(line.load_percent.measured),
                percent(line.load_percent.predicted), milliseconds(line.lateness_ms.p50),
                milliseconds(line.lateness_ms.p99), "\(line.overruns)", "\(line.damaged_frames)",
                "\(line.stray_bytes)", "\(line.reconnects)",
            ])
        }
        return table
    }

    private static func percent(_ percent: Double?) -> String {
        percent.map { "\(Wording.decimal($0, places: 1)) %" } ?? "–"
    }

    fileprivate static func milliseconds(_ time: Double?) -> String {
        time.map { "\(Wording.decimal($0, places: 1)) ms" } ?? "–"
    }
}

/// One of the `devices` of a connection.
struct DeviceStanding: Decodable {
    var equipment: String
    var device: String
    var unit: Int
    var state: String
    var since: String
    var requests: Int
    var answers: Int
    var timeouts: Int
    var garbled: Int
    var exceptions: [String: Int]
    var round_trip_ms: LineStanding.Percentiles

    static func table(of connections: [LineStanding]) -> TextTable {
        var table = TextTable([
            ("DEVICE", .left), ("UNIT", .right), ("STATE", .left), ("SINCE", .left),
            ("REQUESTS", .right), ("TIMEOUTS", .right), ("GARBLED", .right),
            ("EXCEPTIONS", .left), ("TAKES P50", .right), ("P99", .right),
        ])
        for device in connections.flatMap(\.devices) {
            table.add([
                "\(device.equipment)/\(device.device)", "\(device.unit)", device.state,
                "\(device.since.prefix(10)) \(device.since.dropFirst(11).prefix(8))",
                "\(device.requests)", "\(device.timeouts)", "\(device.garbled)",
                device.exceptionsByCode, LineStanding.milliseconds(device.round_trip_ms.p50),
                LineStanding.milliseconds(device.round_trip_ms.p99),
            ])
        }
        return table
    }

    /// `2: 5, 11: 1`, by code; nothing where there are none.
    private var exceptionsByCode: String {
        exceptions.compactMap { code, count in Int(code).map { ($0, count) } }
            .sorted { $0.0 < $1.0 }
            .map { "\($0): \($1)" }
            .joined(separator: ", ")
    }
}
