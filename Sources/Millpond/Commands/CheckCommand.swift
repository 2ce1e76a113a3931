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

            Exit code 78 on a mistake, or on a serial line that is asked for more than it can \
            carry. What is missing on this box is only noted.
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
            for plan in finding.plans { print(plan) }
            finding.conclude()
        }
        guard finding.isAccepted else { throw Sysexits.configuration }
    }

    private func print(_ plan: WirePlan) {
        Terminal.print("\(plan.connection): \(plan.endpoint.text)")
        var table = TextTable([
            ("  DEVICE", .left), ("UNIT", .right), ("FUNCTION", .left), ("START", .right),
            ("COUNT", .right), ("WASTE", .right), ("EVERY", .right), ("PREDICTED", .right),
            ("SIGNALS", .left),
        ])
        for item in plan.items {
            let request = item.request
            table.add([
                "  \(item.device.text)", "\(request.unit)",
                "\(request.table.function) \(request.table.rawValue)", "\(request.start)",
                "\(request.count)", "\(item.waste)", Wording.duration(item.period),
                Wording.milliseconds(item.predicted), item.signals.joined(separator: " "),
            ])
        }
        for line in table.lines { Terminal.print(line) }
        let kind = plan.isPhysics ? "predicted" : "estimated"
        Terminal.print(
            "  cycle \(Wording.milliseconds(plan.cycle)), "
                + "load \(Wording.decimal(plan.load * 100, places: 1)) % (\(kind))\n")
    }
}
