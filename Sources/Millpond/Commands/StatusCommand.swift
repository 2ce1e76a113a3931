// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Equipment
internal import FoundationEssentials

/// `status`: what the running gateway says now.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what the running gateway says now.",
        usage: "millpond status [<options>]",
        discussion: """
            millpond status
            millpond status --gateway 127.0.0.1:8470 --json | jq .buffer
            millpond status --frames meters      the last bytes over a connection

            Of each connection: its load over the last minute, beside it the one that was planned \
            (millpond check), polls skipped because the wire was busy, damaged frames, and how \
            often it was opened anew. Of each device: its state and for how long, requests, those \
            that failed and why, how long half of its answers took at most, and what it was found \
            not to give although its profile says so. --wide adds stray bytes, the 99th \
            percentile, and how late requests were.
            """)

    @OptionGroup var gateway: GatewayOptions
    @Flag(help: "Print JSON: the answer of /v1/status with `equipment` beside it.")
    var json = false
    @Flag(help: "More columns, for a terminal wider than 80.") var wide = false
    @Option(
        help: ArgumentHelp(
            "Print the last bytes that went over a connection, with their times.",
            valueName: "connection"))
    var frames: String?

    func validate() throws {
        guard frames == nil || !json else { throw ValidationError("frames are text: no --json") }
        guard !wide || (frames == nil && !json) else {
            throw ValidationError(
                "--wide is of the tables: --json has everything, and --frames no columns")
        }
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
        let width: StatusWidth = wide ? .wide : .usual
        say(gateway)
        for lines in [
            LineStanding.table(of: gateway.connections, width),
            DeviceStanding.table(
                of: gateway.connections, at: Timestamp(rfc3339: gateway.time), width),
            table(of: plant.equipment).lines,
        ] {
            Terminal.print("")
            for line in lines { Terminal.print(line) }
        }
        let reasons = plant.equipment.flatMap { equipment in
            equipment.health.conditions
                .filter { $0.state == "active" || $0.state == "clearing" }
                .map { "\(equipment.id): \($0.text)\($0.action.map { "; \($0)" } ?? "")" }
        }
        if !reasons.isEmpty { Terminal.print("") }
        for reason in reasons { wrap(reason) }
    }

    private func say(_ gateway: GatewayStanding) {
        let uptime = Wording.duration(.seconds(gateway.uptime_seconds))
        wrap(
            "\(gateway.gateway): \(gateway.ready ? "ready" : "NOT READY"), up \(uptime), "
                + "clock \(gateway.clock), millpond \(gateway.version)")
        for reason in gateway.reasons { wrap("  \(reason.text)") }
        let buffer = gateway.buffer
        wrap(
            "buffer: \(Wording.count(buffer.batches, "batch")), "
                + "\(Wording.count(buffer.readings, "reading")), "
                + "\(Wording.bytes(buffer.bytes)) of \(Wording.bytes(buffer.limit_bytes)); "
                + "newest \(buffer.newest); \(Wording.count(buffer.lost_records, "record")) lost")
        wrap(endurance(of: buffer))
        for consumer in gateway.consumers {
            let left = consumer.left_seconds.map {
                ", \(Wording.roughly(.seconds($0))) left"
            }
            wrap(
                "consumer \(consumer.name): at \(consumer.cursor), "
                    + "\(Wording.count(consumer.lag_batches, "batch")) behind\(left ?? "")")
        }
    }

    /// How long a reader may stay away.
    private func endurance(of buffer: GatewayStanding.Buffer) -> String {
        guard let holds = buffer.holds_seconds else {
            return "holds: not known yet, two batches tell"
        }
        let wanted = buffer.survive_seconds.map {
            ", of \(Wording.roughly(.seconds($0))) that it is to survive"
        }
        return "holds: \(Wording.roughly(.seconds(holds))) at this rate\(wanted ?? "")"
    }

    /// A sentence in lines of 80 columns; those after the first are indented.
    private func wrap(_ sentence: String) {
        let indent = sentence.prefix { $0 == " " }.count
        let words = Wording.wrapped(sentence, indent: indent + 2)
        guard let first = words.first else { return }
        Terminal.print(String(repeating: " ", count: indent) + first.drop { $0 == " " })
        for line in words.dropFirst() { Terminal.print(line) }
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
