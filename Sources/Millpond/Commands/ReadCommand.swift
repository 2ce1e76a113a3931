// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import ArgumentParser
internal import Buffer
internal import Equipment
internal import Logging
internal import Plant
internal import Settings

/// `read`: one poll by the configuration, printed.
struct ReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Poll an equipment or one of its devices once and print the readings.",
        discussion: """
            millpond read press-1
            millpond read press-1/drive --json | jq .

            Exit code 69 if nothing could be read. After a silence it listens on for a moment, to \
            tell a slow device from none. A running gateway goes on polling beside it; the serial \
            ports that it has cannot be read.
            """)

    @Argument(
        help: ArgumentHelp("Whom to read.", valueName: "equipment[/device]"))
    var subject: String
    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Print one JSON object with the readings as a batch holds them.") var json = false

    func validate() throws {
        let parts = subject.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ Name.isValid($0) }) else {
            throw ValidationError(
                "read takes EQUIPMENT or EQUIPMENT/DEVICE, as press-1/drive, not \"\(subject)\"")
        }
    }

    func run() async throws {
        let configuration = try options.read()
        let parts = subject.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            .map(String.init)
        Process.prepare()
        guard
            let poll = await SinglePoll.of(
                parts[0], device: parts.count > 1 ? parts[1] : nil, in: configuration)
        else {
            Terminal.say(
                "\(options.path) describes no \(subject): " + hint(among: configuration))
            throw Sysexits.usage
        }
        await tellGateway(of: configuration)
        tell(poll.events, by: Legend(configuration))
        if json {
            Terminal.print(document(poll.readings))
        } else {
            print(poll.readings)
        }
        let hasAnswer = poll.readings.contains { $0.content.quality != .bad }
        guard hasAnswer else { throw Sysexits.unavailable }
    }

    /// What was meant, or what there is.
    private func hint(among configuration: Configuration) -> String {
        let known = configuration.equipment.flatMap { equipment in
            [equipment.id] + equipment.devices.map { "\(equipment.id)/\($0.name)" }
        }
        if let meant = Suggestion.nearest(to: subject, among: known) {
            return "did you mean \(meant)?"
        }
        let more = known.count - Self.mostNames
        return "it has \(known.prefix(Self.mostNames).joined(separator: ", "))"
            + (more > 0 ? " and \(more) more" : "")
    }

    /// A plant may have thousands.
    private static let mostNames = 20

    private func tellGateway(of configuration: Configuration) async {
        guard await HeldLine.isRunning(configuration) else { return }
        Terminal.say(
            "the gateway \(configuration.gateway) runs by \(options.path) and polls the same "
                + "devices: its own readings are in its API and on its status page")
    }

    private func tell(_ events: [PlantEvent], by legend: Legend) {
        for event in events {
            if case .disconnected(let connection, let error, _) = event,
                let endpoint = legend.endpoint(of: connection)
            {
                Terminal.say(
                    "no connection to \(connection): \(ErrorText.of(error, opening: endpoint))")
                continue
            }
            let text = EventText(event, legend: legend)
            if text.level >= .warning { Terminal.say(text.sentence) }
        }
    }

    private func document(_ readings: [Reading]) -> String {
        let lines = readings.map(Record.reading).ndjson.split(separator: UInt8(ascii: "\n"))
        var json = JSONText()
        json.object { json in
            json.array("readings") { json in
                for line in lines { json.element(json: line) }
            }
        }
        return json.text
    }

    private func print(_ readings: [Reading]) {
        var table = TextTable([
            ("SIGNAL", .left), ("VALUE", .right), ("UNIT", .left), ("QUALITY", .left),
            ("ROLE", .left),
        ])
        for reading in readings {
            let reason = reading.content.reason.map { " (\($0.word))" } ?? ""
            table.add([
                reading.signal.name, reading.content.value?.text ?? "–",
                reading.signal.unit ?? "", reading.content.quality.rawValue + reason,
                reading.signal.role?.rawValue ?? "",
            ])
        }
        for line in table.lines { Terminal.print(line) }
    }
}
