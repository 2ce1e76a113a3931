// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Buffer
internal import Delivery
internal import Logging
internal import Plant
internal import ServiceLifecycle
internal import UnixSignals

/// The gateway wired together: it alone knows the order of start and stop, and the signals.
///
/// Stopped in the reverse of the order in which it is started: what was gathered is sealed while
/// the API still answers, and the buffer is closed last.
struct Services {
    let configuration: Configuration
    /// The path that the configuration was read from.
    let source: String
    let logger: Logger
    /// Lives and ends with the gateway, such as a simulated plant.
    var companion: (any Service)?
    /// What says where the API listens, for whoever has to change it.
    var listenKey = "pull: listen"
    /// Ends by itself after this time; `nil`: only when asked to.
    var limit: Duration?
    /// Told once, when polling has begun and the API listens, with its port and for how long the
    /// buffer holds, if that is known.
    let ready: @Sendable (_ port: Int, _ endurance: String?) -> Void

    /// Runs until SIGTERM or SIGINT; returns when all is sealed and closed.
    ///
    /// Throws an exit code, after a line in the log, if something cannot be had.
    func run() async throws {
        let address = PullServer.Address(configuration.pull)
        // Before anything is made or polled; whoever takes it meanwhile is told of later.
        do throws(PullServer.CannotListen) { try address.check() } catch { throw refused(error) }
        let buffer = try openBuffer()
        let plant = PlantService(configuration, buffer: buffer, logger: logger)
        let standing = Standing(configuration, source: source)
        let (listening, port) = AsyncStream.makeStream(of: Int.self)
        let server = PullServer(
            listen: address, buffer: buffer, plant: { plant.snapshot },
            status: { standing.status(plant.status) },
            frames: { plant.frames(of: $0) }, logger: libraries, listening: { port.yield($0) })
        let systemd = Systemd()
        var services: [any Service] = companion.map { [$0] } ?? []
        services += [
            server, plant,
            ReloadService(
                initial: configuration, source: source, plant: plant, systemd: systemd,
                logger: logger),
            LossService(
                buffer: buffer, survive: configuration.buffer.survive?.duration, logger: logger),
            ReadinessService(
                plant: plant, systemd: systemd, listening: listening, ready: ready, buffer: buffer),
        ]
        if let limit { services.append(LimitService(limit: limit)) }
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await ServiceGroup(configuration: group(of: services)).run())
        } catch {
            outcome = .failure(error)
        }
        await buffer.close()
        try conclude(outcome, isSealed: plant.isSealed)
    }

    /// All end together: when one fails, when the limit is reached, or by a signal; in order, as
    /// long as that takes no longer than `patience`.
    private func group(of services: [any Service]) -> ServiceGroupConfiguration {
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                .init(
                    service: $0,
                    successTerminationBehavior: $0 is LimitService
                        ? .gracefullyShutdownGroup : .ignore,
                    failureTerminationBehavior: .gracefullyShutdownGroup)
            },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: libraries)
        configuration.maximumGracefulShutdownDuration = Self.patience
        return configuration
    }

    /// How long clients may take to read their answers at the end; sealing comes before them, and
    /// all is over within the 5 s that the contract gives.
    private static let patience = Duration.seconds(3)

    /// What the libraries say is of interest only when something is wrong with them.
    private var libraries: Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .error)
        return logger
    }

    private func openBuffer() throws -> BatchBuffer {
        var settings = BatchBuffer.Settings(
            directory: configuration.buffer.directory, gateway: configuration.gateway,
            site: configuration.site, limit: configuration.buffer.limit,
            keepAcknowledged: configuration.buffer.keepAcknowledged)
        settings.whenFull =
            switch configuration.buffer.whenFull {
            case .drop: .drop
            case .thin: .thin
            }
        do throws(BufferError) {
            return try BatchBuffer(settings) { [logger] event in EventText(event).log(to: logger) }
        } catch {
            logger.error("\(ErrorText.of(error))", metadata: ["event": "buffer-unusable"])
            throw ErrorText.exitCode(of: error)
        }
    }

    private func refused(_ error: PullServer.CannotListen) -> ExitCode {
        let (what, remedy) = ErrorText.parts(of: error, setBy: listenKey)
        logger.error("\(what): \(remedy)", metadata: ["event": "cannot-listen"])
        return Sysexits.unavailable
    }

    private func conclude(_ outcome: Result<Void, any Error>, isSealed: Bool) throws {
        do {
            try outcome.get()
            guard isSealed else {
                logger.error(
                    "stopped; not all that was gathered is sealed: see what is lost above",
                    metadata: ["event": "stopped"])
                throw Sysexits.inputOutput
            }
            logger.info("stopped; all that was gathered is sealed", metadata: ["event": "stopped"])
        } catch let error as PullServer.CannotListen {
            throw refused(error)
        } catch is CancellationError {
            logger.notice(
                "stopped without waiting for clients any longer; all that was gathered is sealed",
                metadata: ["event": "stopped"])
        }
    }
}

extension PullServer.Address {
    /// Where a configuration has the API listen.
    init(_ pull: Configuration.PullSettings) {
        self.init(host: pull.host, port: Int(pull.port))
    }
}

/// Ends the gateway after a time.
private struct LimitService: Service {
    let limit: Duration

    func run() async throws {
        // Cut short when the gateway is asked to end before.
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: limit) }
    }
}
