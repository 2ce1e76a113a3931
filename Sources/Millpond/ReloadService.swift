// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import Plant
internal import ServiceLifecycle
internal import Settings
internal import UnixSignals

/// Takes the configuration again on SIGHUP; one with mistakes is refused and the old one stays.
struct ReloadService: Service {
    /// The configuration that the gateway was started with.
    let initial: Configuration
    let source: String
    let plant: PlantService
    let systemd: Systemd
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            reload()
        }
    }

    private func reload() {
        systemd.reloading()
        defer { systemd.ready(status: "polling") }
        do throws(ConfigurationError) {
            let (configuration, _) = try Configuration.read(
                file: source, profilesBeside: Executable.path)
            plant.replace(with: configuration)
            logger.notice(
                "the configuration was taken again; polling goes on with it",
                metadata: ["event": "reloaded", "configuration": "\(source)"])
            if needsRestart(configuration) {
                logger.warning(
                    "gateway, site, buffer and pull are taken at a restart only",
                    metadata: ["event": "restart-needed"])
            }
        } catch {
            for mistake in error.mistakes {
                logger.warning(
                    "reload refused, still running the old configuration: \(mistake)",
                    metadata: ["event": "reload-refused"])
            }
        }
    }

    private func needsRestart(_ configuration: Configuration) -> Bool {
        configuration.gateway != initial.gateway || configuration.site != initial.site
            || configuration.buffer.directory != initial.buffer.directory
            || configuration.buffer.limit != initial.buffer.limit
            || configuration.buffer.keepAcknowledged != initial.buffer.keepAcknowledged
            || configuration.pull.host != initial.pull.host
            || configuration.pull.port != initial.pull.port
    }
}
