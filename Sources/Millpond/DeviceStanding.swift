// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

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
    var broken: Int
    var overruns: Int
    var exceptions: [String: Int]
    var round_trip_ms: LineStanding.Percentiles
    var lateness_ms: LineStanding.Percentiles
    var learnt: [Fact]

    /// Something that it was found not to give.
    struct Fact: Decodable { var text: String }

    /// Beyond it, `--json` has them; there may be a hundred.
    private static let mostFacts = 5

    /// A line for each device, and below it what goes wrong there and what it does not give.
    static func table(
        of connections: [LineStanding], at now: Timestamp?, _ width: StatusWidth
    ) -> [String] {
        let devices = connections.flatMap(\.devices)
        var table = TextTable(columns(width))
        for device in devices { table.add(device.cells(at: now, width)) }
        return zip(table.lines, [nil] + devices).flatMap { text, device in
            [text] + (device?.remarks ?? [])
        }
    }

    private static func columns(_ width: StatusWidth) -> [(String, TextTable.Alignment)] {
        let usual: [(String, TextTable.Alignment)] = [
            ("DEVICE", .left), ("UNIT", .right), ("STATE", .left), ("FOR", .right),
            ("REQUESTS", .right), ("FAILED", .right), ("TAKES", .right),
        ]
        return switch width {
        case .usual: usual
        case .wide:
            usual + [("P99", .right), ("LATE P50", .right), ("P99", .right), ("SKIPPED", .right)]
        }
    }

    private func cells(at now: Timestamp?, _ width: StatusWidth) -> [String] {
        let usual = [
            "\(equipment)/\(device)", "\(unit)", state, age(at: now) ?? "–", "\(requests)",
            "\(requests - answers)", LineStanding.milliseconds(round_trip_ms.p50),
        ]
        return switch width {
        case .usual: usual
        case .wide:
            usual
                + [round_trip_ms.p99, lateness_ms.p50, lateness_ms.p99]
                .map(LineStanding.milliseconds) + ["\(overruns)"]
        }
    }

    /// For how long it has been in its state.
    private func age(at now: Timestamp?) -> String? {
        guard let now, let since = Timestamp(rfc3339: since) else { return nil }
        return Wording.duration(
            .seconds(now.elapsed(since: since).milliseconds / 1_000))
    }

    private var remarks: [String] {
        let shown = ([failures].compactMap(\.self) + learnt.prefix(Self.mostFacts).map(\.text))
            .flatMap { Wording.wrapped($0, indent: 4) }
        let left = learnt.count - Self.mostFacts
        return left > 0 ? shown + ["    and \(left) more that it does not give: --json"] : shown
    }

    /// `failed: 12 without answer, 3 garbled, 5 with exception 2`; nil where nothing failed.
    private var failures: String? {
        var parts: [String] = []
        if timeouts > 0 { parts.append("\(timeouts) without answer") }
        if garbled > 0 { parts.append("\(garbled) garbled") }
        if broken > 0 { parts.append("\(broken) with a broken connection") }
        parts += exceptions.compactMap { code, count in Int(code).map { ($0, count) } }
            .sorted { $0.0 < $1.0 }
            .map { "\($0.1) with exception \($0.0)" }
        return parts.isEmpty ? nil : "failed: " + parts.joined(separator: ", ")
    }
}
