// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// How much a table of `status` tells.
enum StatusWidth { case usual, wide }

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
    var other_framing: Int
    var overruns: Int
    var load_percent: Share
    var round_trip_ms: Percentiles
    var lateness_ms: Percentiles
    var devices: [DeviceStanding]

    /// What matters at a glance, or all of it; the first fits 80 columns where names are short.
    static func table(of connections: [LineStanding], _ width: StatusWidth) -> [String] {
        let shown = connections.filter { !$0.devices.isEmpty }
        var table = TextTable(columns(width))
        for line in shown { table.add(line.cells(width)) }
        return zip(table.lines, [nil] + shown).flatMap { text, line in
            [text] + (line?.remarks ?? [])
        }
    }

    private static func columns(_ width: StatusWidth) -> [(String, TextTable.Alignment)] {
        let usual: [(String, TextTable.Alignment)] = [
            ("CONNECTION", .left), ("STATE", .left), ("LOAD", .right), ("PLAN", .right),
            ("SKIPPED", .right), ("DAMAGED", .right), ("RECONNECTS", .right),
        ]
        return switch width {
        case .usual: usual
        case .wide: usual + [("STRAY", .right), ("LATE P50", .right), ("P99", .right)]
        }
    }

    private func cells(_ width: StatusWidth) -> [String] {
        let usual = [
            connection, state, Self.percent(load_percent.measured),
            Self.percent(load_percent.predicted), "\(overruns)", "\(damaged_frames)",
            "\(reconnects)",
        ]
        return switch width {
        case .usual: usual
        case .wide:
            usual + [
                "\(stray_bytes)", Self.milliseconds(lateness_ms.p50),
                Self.milliseconds(lateness_ms.p99),
            ]
        }
    }

    private var remarks: [String] {
        guard other_framing > 0 else { return [] }
        return Wording.wrapped(
            "answers in RTU framing, not as Modbus TCP: give it `rtu-over-tcp` in place of `tcp`",
            indent: 4)
    }

    private static func percent(_ percent: Double?) -> String {
        percent.map { "\(Wording.decimal($0, places: 1)) %" } ?? "–"
    }

    static func milliseconds(_ time: Double?) -> String {
        time.map { "\(Wording.decimal($0, places: 1)) ms" } ?? "–"
    }
}
