// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Logging
internal import Plant

/// `run`: the daemon, in the foreground.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Poll the plant, keep what it says, and serve it, until SIGTERM or Ctrl-C.",
        discussion: """
            millpond run                            by /etc/millpond/millpond.yaml
            millpond run --config plant.yaml        by another configuration
            kill -HUP $(pidof millpond)             take the configuration again
            """)

    @OptionGroup var options: ConfigurationOptions
    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel = LogLevel.info

    func run() async throws {
        Process.prepare()
        let logger = JournalLog.logger(level: logLevel.level)
        let configuration = Process.loopback(try options.read(), logger)
        Process.warn(of: configuration, logger)
        let devices = configuration.equipment.flatMap(\.devices).count
        let begun = ContinuousClock.now
        let host = configuration.pull.host
        let services = Services(configuration: configuration, source: options.path, logger: logger)
        { port, endurance in
            let holds = endurance.map { ", which holds \($0)" } ?? ""
            logger.notice(
                """
                ready in \(Wording.duration(ContinuousClock.now - begun)): \
                \(Wording.count(devices, "device")) on \
                \(Wording.count(configuration.connections.count, "connection")), read-only; \
                buffer \(configuration.buffer.directory)\(holds); API http://\(host.authority(port: port))
                """,
                metadata: ["event": "ready", "configuration": "\(options.path)"])
        }
        try await services.run()
    }
}
