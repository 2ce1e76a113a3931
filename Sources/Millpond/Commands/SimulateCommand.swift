// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Logging
internal import Plant
internal import ServiceLifecycle
internal import Simulator
internal import UnixSignals

/// `simulate`: the plant of a configuration, without a gateway.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract:
            "Serve the plant that a configuration describes, on this box, for tests and training.",
        usage: "millpond simulate <file> [--fault <fault> ...] [<options>]",
        discussion: """
            millpond simulate plant.yaml
            millpond simulate plant.yaml --fault press-1/drive=silent@20s+30s
            millpond simulate plant.yaml --fault press-1/meter=stray:echo:before

            Connections must lead to 127.0.0.1; a serial line becomes a pseudo-terminal with a \
            link at the configured path. Every device says who it is to functions 17 and 43/14. \
            A signal whose role is heartbeat counts the answers that hold it: of the readings that \
            come of them none can be missing unseen, and at the end it says how many there were.

            A fault reads EQUIPMENT/DEVICE=KIND[@START][+DURATION]: from START after the \
            beginning, for DURATION; from the beginning, for good, where they are not said. The \
            kinds, and what is meant where nothing is said:

            \(FaultSyntax.kinds)
            """)

    @Argument(help: ArgumentHelp("The configuration.", valueName: "file")) var file: String
    @Option(help: "Where the machines' chance comes from: the same seed, the same plant.")
    var seed: UInt64 = 1
    @Option(help: ArgumentHelp("A fault to commit; may be given again.", valueName: "fault"))
    var fault: [ScheduledFault] = []
    @Flag(help: "Let devices drop off for seconds and come back, as they do in plants.")
    var dropOuts = false

    func run() async throws {
        Process.prepare()
        let options = try ConfigurationOptions.parse(["--config", file])
        let configuration = try options.read()
        let simulator: PlantSimulator
        do throws(SimulatorError) {
            simulator = PlantSimulator(
                configuration, on: try Wires(of: configuration), seed: seed,
                presence: dropOuts ? .wavering : .steady, progress: .live)
        } catch {
            Terminal.say(ErrorText.of(error))
            throw Sysexits.unavailable
        }
        for fault in fault where !simulator.commit(fault) {
            Terminal.say("\(file) describes no device \(fault.device)")
            throw Sysexits.usage
        }
        for connection in configuration.connections {
            Terminal.say("\(connection.name): \(connection.endpoint.text)")
        }
        Terminal.say("simulating until Ctrl-C; now run: millpond run --config \(file)")
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: SimulatorService(simulator: simulator))],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: JournalLog.logger(level: .error)))
        try await group.run()
        for (name, count) in simulator.answers.sorted(by: { $0.key < $1.key }) {
            Terminal.say("\(name): \(Wording.count(count, "answer"))")
        }
    }
}

/// The plant as a service: there until shutdown.
struct SimulatorService: Service {
    let simulator: PlantSimulator

    func run() async throws {
        // The wait ends by graceful shutdown or by cancellation; both mean the same here.
        try? await gracefulShutdown()
        await simulator.stop()
    }
}

extension ScheduledFault: ExpressibleByArgument {
    /// `nil` if `argument` is no fault; the syntax is in the help.
    init?(argument: String) {
        do throws(FaultSyntaxError) {
            try self.init(parsing: argument)
        } catch {
            Terminal.say("\(error.text): \(error.reason)")
            return nil
        }
    }
}
