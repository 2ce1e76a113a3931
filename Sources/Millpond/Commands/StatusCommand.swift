// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import FoundationEssentials

/// `status`: what the running gateway says now.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what the running gateway says now.",
        discussion: """
            millpond status
            millpond status --gateway 127.0.0.1:8470 --json | jq .buffer
            millpond status --frames meters          the last bytes that went over a connection

            Of each connection: its load over the last minute beside the predicted one, how its \
            requests went, how long answers took (median and 99th percentile), how late requests \
            were, and slots of the grid that were skipped because the wire was busy.
            """)

    @OptionGroup var gateway: GatewayOptions
    @Flag(help: "Print JSON: the answer of /v1/status with `equipment` beside it.")
    var json = false
    @Option(
        help: ArgumentHelp(
            "Print the last bytes that went over a connection, with their times.",
            valueName: "connection"))
    var frames: String?

    func validate() throws {
        guard frames == nil || !json else { throw ValidationError("frames are text: no --json") }
    }

    func run() async throws {
        let client = try gateway.client
        if let frames {
            let path = "/v1/connections/\(PathSegment.encoded(frames))/frames"
            Terminal.write(try await client.ask(path, accept: "text/plain").body)
            return
        }
        let status = try await client.ask("/v1/status").body
        let plant = try await client.ask("/v1/equipment").body
        if json {
            // Both are objects: the second one's only member goes into the first.
            let head = String(decoding: status, as: UTF8.self).trimmedObject
            let tail = String(decoding: plant, as: UTF8.self).trimmedObject
            Terminal.print("{\(head),\(tail)}")
        } else {
            let decoder = JSONDecoder()
            try print(
                decoder.decode(GatewayStanding.self, from: Data(status)),
                decoder.decode(PlantStanding.self, from: Data(plant)))
        }
    }

    private func print(_ gateway: GatewayStanding, _ plant: PlantStanding) {
        let uptime = Wording.duration(.seconds(gateway.uptime_seconds))
        Terminal.print(
            "\(gateway.gateway): \(gateway.ready ? "ready" : "NOT READY"), up \(uptime), "
                + "clock \(gateway.clock), millpond \(gateway.version)")
        for reason in gateway.reasons { Terminal.print("  \(reason.text)") }
        let buffer = gateway.buffer
        Terminal.print(
            "buffer: \(Wording.count(buffer.batches, "batch")), "
                + "\(Wording.count(buffer.readings, "reading")), "
                + "\(Wording.bytes(buffer.bytes)) of \(Wording.bytes(buffer.limit_bytes)); "
                + "newest \(buffer.newest); \(Wording.count(buffer.lost_records, "record")) lost")
        for consumer in gateway.consumers {
            Terminal.print(
                "consumer \(consumer.name): at \(consumer.cursor), "
                    + "\(Wording.count(consumer.lag_batches, "batch")) behind")
        }
        Terminal.print("")
        for line in LineStanding.table(of: gateway.connections).lines { Terminal.print(line) }
        Terminal.print("")
        for line in DeviceStanding.table(of: gateway.connections).lines { Terminal.print(line) }
        Terminal.print("")
        for line in table(of: plant.equipment).lines { Terminal.print(line) }
        let reasons = plant.equipment.flatMap { equipment in
            equipment.health.conditions
                .filter { $0.state == "active" || $0.state == "clearing" }
                .map { "\(equipment.id): \($0.text)\($0.action.map { "; \($0)" } ?? "")" }
        }
        if !reasons.isEmpty { Terminal.print("") }
        for reason in reasons { Terminal.print(reason) }
    }

    private func table(of machines: [PlantStanding.Equipment]) -> TextTable {
        var table = TextTable([
            ("EQUIPMENT", .left), ("HEALTH", .left), ("INDEX", .right), ("DATA", .left),
        ])
        for equipment in machines {
            table.add([
                equipment.id, equipment.health.status ?? "unknown",
                equipment.health.index.map(String.init) ?? "–", equipment.data.status,
            ])
        }
        return table
    }
}

/// A segment of a path (RFC 3986, §3.3).
enum PathSegment {
    /// `text` with all but unreserved characters escaped.
    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                scalar.isASCII
                && (scalar.properties.isAlphabetic
                    || "0123456789-._~".unicodeScalars.contains(scalar))
            return isPlain ? "\(scalar)" : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}

extension String {
    /// The members of a JSON object, without the braces around them.
    fileprivate var trimmedObject: Substring {
        let body = drop { $0 != "{" }.dropFirst()
        return body.lastIndex(of: "}").map { body[..<$0] } ?? body
    }
}

/// The part of `/v1/status` that is shown; its keys are those of the API.
private struct GatewayStanding: Decodable {
    struct Reason: Decodable { var text: String }
    struct Buffer: Decodable {
        var batches: Int
        var readings: Int
        var bytes: Int
        var limit_bytes: Int
        var newest: String
        var lost_records: Int
    }
    struct Consumer: Decodable {
        var name: String
        var cursor: String
        var lag_batches: Int
    }
    var gateway: String
    var version: String
    var clock: String
    var ready: Bool
    var uptime_seconds: Double
    var reasons: [Reason]
    var buffer: Buffer
    var consumers: [Consumer]
    var connections: [LineStanding]
}

/// The part of `/v1/equipment` that is shown.
private struct PlantStanding: Decodable {
    struct Equipment: Decodable {
        var id: String
        var health: Health
        var data: DataHealth
    }
    struct Health: Decodable {
        var status: String?
        var index: Int?
        var conditions: [Condition]
    }
    struct Condition: Decodable {
        var state: String
        var text: String
        var action: String?
    }
    struct DataHealth: Decodable { var status: String }
    var equipment: [Equipment]
}
