// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import ArgumentParser
internal import Buffer
internal import Modbus
internal import Plant
internal import Settings

/// `check`: every mistake of a configuration at once, then what it asks of the wires.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Report every mistake in a configuration, then the plan of each wire.",
        discussion: """
            millpond check                          /etc/millpond/millpond.yaml
            millpond check plant.yaml
            millpond check plant.yaml --json | jq '.connections[].load_percent'

            Of each request: unit, function, start, count, registers read for nothing, how often, \
            how long the wire is taken, and which signals it serves. Of each connection: how long \
            it takes to ask for everything once, the share of time that the wire is busy, and what \
            one dead device would cost the others.

            Of the buffer: how long it holds if every poll is a reading, and whether that is as \
            long as it is to survive. What a deadband saves nobody knows before; the running \
            gateway measures it (millpond status).

            Exit code 78 on a mistake, or on a serial line that is asked for more than it can \
            carry (millpond run starts that one, warns, and skips polls). What is missing on this \
            box is only noted.
            """)

    @Argument(help: ArgumentHelp("The configuration.", valueName: "file"))
    var file: String?
    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Print mistakes, notes and plan as one JSON object.") var json = false

    func validate() throws {
        guard file == nil || options.file == nil else {
            throw ValidationError("name the configuration once: as FILE or by --config")
        }
    }

    func run() throws {
        let path = file ?? options.path
        let outcome: Result<(Configuration, [Note]), ConfigurationError> = Result {
            () throws(ConfigurationError) in
            try Configuration.read(file: path, profilesBeside: Executable.path)
        }
        let finding = Finding(outcome, path: path)
        if json {
            Terminal.print(finding.json)
        } else {
            finding.say()
            for plan in finding.plans { Terminal.print(WirePlanText(plan).text) }
            finding.conclude()
        }
        guard finding.isAccepted else { throw Sysexits.configuration }
    }
}
