// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Buffer
internal import Equipment
internal import FoundationEssentials
internal import NIOHTTP1

/// `tail`: the records of the running gateway, as its batches are sealed.
struct TailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Follow the records of the running gateway, batch by batch.",
        usage: "millpond tail [<options>]",
        discussion: """
            millpond tail                        readings and transitions as they are sealed
            millpond tail --after earliest --json | jq -c 'select(.type == "health")'
            """)

    @OptionGroup var gateway: GatewayOptions
    @Option(
        help: ArgumentHelp("Where to begin: earliest, latest or a cursor.", valueName: "cursor"))
    var after = "latest"
    @Option(help: ArgumentHelp("End after so many batches.", valueName: "count"))
    var batches: Int?
    @Flag(help: "Print NDJSON, the lines as the API gives them.") var json = false

    func validate() throws {
        guard ["earliest", "latest"].contains(after) || Cursor(after) != nil else {
            throw ValidationError("--after takes earliest, latest or a cursor like q7m2k9xd.9001")
        }
        guard batches ?? 1 > 0 else { throw ValidationError("--batches takes 1 or more") }
    }

    func run() async throws {
        let client = try gateway.client
        var cursor = after
        var left = batches ?? .max
        while left > 0 {
            let path = "/v1/batches?after=\(cursor)&limit=\(min(left, 100))&wait=30"
            let answer = try await client.ask(path, accept: "application/x-ndjson")
            guard let next = answer.headers.first(name: "Gateway-Next-Cursor") else {
                Terminal.say("what answers at this address is no Millpond gateway")
                throw Sysexits.unavailable
            }
            cursor = next
            for line in answer.body.split(separator: UInt8(ascii: "\n")) {
                let record = try JSONDecoder().decode(Line.self, from: Data(line))
                if record.type == "batch" { left -= 1 }
                if record.type == "end" { continue }
                if json {
                    Terminal.write(line + [UInt8(ascii: "\n")])
                } else if let text = record.text {
                    Terminal.print(text)
                }
            }
        }
    }
}

/// A line of the stream, as far as it is shown; its keys are those of the API.
private struct Line: Decodable {
    enum Scalar: Decodable {
        case null
        case text(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let flag = try? container.decode(Bool.self) {
                // Not a Boolean is no error here: the next kind is tried.
                self = .text("\(flag)")
            } else if let whole = try? container.decode(UInt64.self) {
                // Likewise; beyond 2^53 a Double would show another number.
                self = .text(Value(exactly: whole).text)
            } else if let number = try? container.decode(Double.self) {
                // Likewise.
                self = .text(Value.number(number).text)
            } else {
                self = .text(try container.decode(String.self))
            }
        }
    }

    var type: String
    var time: String?
    var equipment: String?
    var signal: String?
    var value: Scalar?
    var unit: String?
    var quality: String?
    var reason: String?
    var component: String?
    var condition: String?
    var from: String?
    var to: String?
    var status: String?
    var kind: String?
    var records: Int?
    var until: String?
    var min: Double?
    var max: Double?
    var mean: Double?
    var count: Int?

    /// What a summary says of its readings: the values between which they were, or the one.
    private var spread: String {
        if let min, let max, let mean {
            return [min, mean, max].map { Value.number($0).text }.joined(separator: " … ")
        }
        guard case .text(let text) = value else { return "–" }
        return text
    }

    /// `nil` for lines that only frame the others.
    var text: String? {
        let time = time?.dropFirst(11) ?? ""
        switch type {
        case "reading":
            var shown = "–"
            if case .text(let text) = value { shown = text }
            let why = reason.map { " (\($0))" } ?? ""
            return "\(time)  \(equipment ?? "")/\(signal ?? "")  \(shown) \(unit ?? "")  "
                + "\(quality ?? "")\(why)"
        case "health":
            let part = component.map { " \($0)" } ?? ""
            return "\(time)  \(equipment ?? "")\(part): \(condition ?? "") \(from ?? "") → "
                + "\(to ?? "")  \(status ?? "")"
        case "summary":
            return "\(time)  \(equipment ?? "")/\(signal ?? "")  \(spread) \(unit ?? "")  "
                + "of \(count ?? 0) readings until \(until?.dropFirst(11) ?? "")"
        case "note":
            return "\(time)  note: \(kind ?? "")"
        case "lost":
            return "lost: \(records ?? 0) records, \(from ?? "") to \(to ?? "") (\(reason ?? ""))"
        case "epoch":
            return "a new buffer: \(from ?? "") → \(to ?? "") (\(reason ?? ""))"
        default:
            return nil
        }
    }
}
