// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import Buffer
internal import Equipment
internal import Logging
internal import Plant
internal import ServiceLifecycle
internal import Synchronization

/// Polling as a service: runs the acquisition of the configuration in force, and after `replace`
/// that of another one.
final class PlantService: Service {
    private let buffer: BatchBuffer
    private let logger: Logger
    private let state: Mutex<State>
    private let losses = FinalLosses()

    private struct State {
        var acquisition: Acquisition
        var successor: Acquisition?
        var isStopping = false
    }

    init(_ configuration: Configuration, buffer: BatchBuffer, logger: Logger) {
        self.buffer = buffer
        self.logger = logger
        let first = Self.acquisition(configuration, buffer, logger, losses)
        state = Mutex(State(acquisition: first))
    }

    /// Whether all that was gathered is sealed, once `run` has returned.
    var isSealed: Bool { !losses.hasAny }

    private var acquisition: Acquisition { state.withLock { $0.acquisition } }

    var snapshot: [EquipmentSnapshot] { acquisition.snapshot }
    var status: AcquisitionStatus { acquisition.status }

    /// What went over a connection last; nil if there is none of that name.
    func frames(of connection: String) -> String? { acquisition.frames(of: connection) }

    /// Returns when every connection has begun to be polled.
    func polling() async { await acquisition.polling() }

    /// Polls until graceful shutdown; all that was gathered is sealed when it returns.
    func run() async throws {
        await withGracefulShutdownHandler {
            repeat { await acquisition.run() } while succeed()
        } onGracefulShutdown: {
            let running = self.state.withLock { state in
                state.isStopping = true
                return state.acquisition
            }
            running.stop()
        }
    }

    /// Goes on with another configuration: the lines of the old one end their exchanges, what was
    /// gathered is sealed, and those of the new one begin. Buffer and API are not touched.
    func replace(with configuration: Configuration) {
        let successor = Self.acquisition(configuration, buffer, logger, losses)
        let running = state.withLock { state in
            state.successor = successor
            return state.acquisition
        }
        running.stop()
    }

    private func succeed() -> Bool {
        state.withLock { state in
            guard !state.isStopping, let successor = state.successor else { return false }
            state.acquisition = successor
            state.successor = nil
            return true
        }
    }

    private static func acquisition(
        _ configuration: Configuration, _ buffer: BatchBuffer, _ logger: Logger,
        _ losses: FinalLosses
    ) -> Acquisition {
        let legend = Legend(configuration)
        return Acquisition(
            configuration, version: Version.text, buffer: buffer, seed: .random(in: .min ... .max),
            clockState: { WallClock.state },
            events: { event in
                if case .recordsAbandoned = event { losses.add() }
                EventText(event, legend: legend).log(to: logger)
            })
    }
}

/// Whether records were refused at a stop, so that the log alone tells of them.
private final class FinalLosses: Sendable {
    private let isLossy = Mutex(false)

    var hasAny: Bool { isLossy.withLock(\.self) }

    func add() { isLossy.withLock { $0 = true } }
}
