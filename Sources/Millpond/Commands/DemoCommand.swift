// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import FoundationEssentials
internal import Logging
internal import Plant
internal import Simulator

/// `demo`: a simulated plant, the gateway polling it over real Modbus, and the API.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "See it work: a simulated plant, the gateway polling it, the API and the page.",
        usage: "millpond demo [<options>]",
        discussion: """
            millpond demo
            millpond demo --directory /tmp/pond     keep what it buffers
            """)

    @Option(
        help: ArgumentHelp(
            "Where to buffer (default: a new folder in $TMPDIR).", valueName: "folder"))
    var directory: String?
    @Option(help: ArgumentHelp("Where the API listens.", valueName: "host:port"))
    var listen = "127.0.0.1:8470"
    @Option(help: "Where the machines' chance comes from: the same seed, the same plant.")
    var seed: UInt64 = 1
    @Option(help: ArgumentHelp("End after so many seconds.", valueName: "count"))
    var seconds: Int?
    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel = LogLevel.notice

    func validate() throws {
        // Whatever its flaw, the sentence says what would be an address.
        guard ListenAddress(listen) != nil, (try? Address(listen))?.isLoopback ?? false else {
            throw ValidationError("--listen takes HOST:PORT on loopback, such as 127.0.0.1:8470")
        }
        guard seconds ?? 1 > 0 else { throw ValidationError("--seconds takes 1 or more") }
    }

    func run() async throws {
        Process.prepare()
        let folder = try TemporaryFolder.make(named: "millpond-demo")
        let (wires, places) = try openWires(in: folder)
        let text = Demo.configuration(at: places)
        let file = "\(folder)/millpond.yaml"
        var configuration: Configuration
        do {
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            configuration = try Configuration.read(file: file, profilesBeside: Executable.path).0
        } catch let error as ConfigurationError {
            for mistake in error.mistakes { Terminal.say("\(mistake)") }
            throw Sysexits.configuration
        } catch {
            Terminal.say("cannot write \(file): \(error)")
            throw Sysexits.cannotCreate
        }
        let logger = JournalLog.logger(level: logLevel.level)
        configuration = Process.loopback(configuration, logger)
        let simulator = PlantSimulator(
            configuration, on: wires, seed: seed, presence: .wavering, progress: .live)
        let host = configuration.pull.host
        let devices = configuration.equipment.flatMap(\.devices).count
        let machines = configuration.equipment.count
        let services = Services(
            configuration: configuration, source: file, logger: logger,
            companion: SimulatorService(simulator: simulator), listenKey: "--listen",
            limit: seconds.map { .seconds($0) }
        ) { port, _ in
            Self.introduce(
                api: "http://\(host.authority(port: port))", file: file, places: places,
                machines: machines, devices: devices)
        }
        try await services.run()
        Terminal.say("Sealed. To look at it: millpond batches list --directory \(places.directory)")
    }

    private func openWires(in folder: String) throws -> (Wires, Demo.Places) {
        do throws(SimulatorError) {
            var (wires, places) = try Wires.demo(in: folder, listen: listen)
            if let directory { places.directory = directory.absolutePath }
            return (wires, places)
        } catch {
            Terminal.say(ErrorText.of(error))
            throw Sysexits.unavailable
        }
    }

    /// What a newcomer sees first: one screen.
    private static func introduce(
        api: String, file: String, places: Demo.Places, machines: Int, devices: Int
    ) {
        Terminal.print(
            """

            Millpond demo: \(machines) simulated machines with \(devices) Modbus devices, polled every second.

              Modbus TCP        127.0.0.1:\(places.controllerPort)
              RTU over TCP      127.0.0.1:\(places.deviceServerPort)
              serial line       \(places.serial)
              configuration     \(file)
              buffer            \(places.directory)   (a batch is sealed every 10 s)

              status page       \(api)/
              pull API          \(api)/v1/batches

            Try, in another terminal:

              curl -s '\(api)/v1/batches?limit=1&wait=15' | jq '.batches[0].records[1]'
              curl -s -H 'Accept: application/x-ndjson' '\(api)/v1/batches?after=latest&wait=15'

            Ctrl-C seals what was gathered and ends. Notable changes are logged below.

            """)
    }
}
