// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import Buffer
internal import Equipment
internal import ServiceLifecycle

/// Tells systemd, and whoever started the gateway, how it stands: ready when polling
/// has begun and the API listens, alive while the collector moves, stopping at the end.
struct ReadinessService: Service {
    let plant: PlantService
    let systemd: Systemd
    /// Says the API's port once it listens.
    let listening: AsyncStream<Int>
    let ready: @Sendable (_ port: Int, _ endurance: String?) -> Void
    let buffer: BatchBuffer

    /// How often to look when systemd asks for no sign of life.
    private static let idle = Duration.seconds(10)

    func run() async throws {
        // Being cancelled is how this ends: there is nothing to undo.
        try? await cancelWhenGracefulShutdown { try await announce() }
        systemd.stopping()
    }

    private func announce() async throws {
        guard let port = await listening.first(where: { _ in true }) else { return }
        await plant.polling()
        ready(port, await endurance)
        var status = plant.status
        systemd.ready(status: Self.summary(of: status))
        Process.trim()
        while true {
            try await Task.sleep(for: systemd.watchdogPeriod ?? Self.idle)
            let beat = status.collections
            status = plant.status
            // A collector that stands still is what the watchdog is for.
            if status.collections != beat { systemd.alive() }
            systemd.status(Self.summary(of: status))
        }
    }

    /// How long the buffer holds; `nil` while nobody knows.
    private var endurance: String? {
        get async {
            do throws(BufferError) {
                let state = try await buffer.state()
                return Endurance(state, of: try await buffer.consumers())?.sentence
            } catch {
                // Whoever asks for the status is told what is the matter; here it tells no time.
                return nil
            }
        }
    }

    private static func summary(of status: AcquisitionStatus) -> String {
        let devices = status.connections.flatMap(\.devices)
        let answering = devices.count { $0.device.state == .answering }
        return "\(answering)/\(devices.count) devices answering"
    }
}
