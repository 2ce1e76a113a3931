// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Delivery
internal import Equipment
internal import ServiceLifecycle

/// Tells systemd, and whoever started the gateway, how it stands: ready when polling
/// has begun and the API listens, alive while the collector moves, stopping at the end.
struct ReadinessService: Service {
    let plant: PlantService
    let systemd: Systemd
    /// Reached with the API's port.
    let listening: Signpost<Int>
    let ready: @Sendable (_ port: Int) -> Void

    /// How often to look when systemd asks for no sign of life.
    private static let idle = Duration.seconds(10)

    func run() async throws {
        // Being cancelled is how this ends: there is nothing to undo.
        try? await cancelWhenGracefulShutdown { try await announce() }
    }

    private func announce() async throws {
        let port = await listening.reached()
        await plant.polling()
        ready(port)
        systemd.ready(status: summary)
        var beat = plant.status.polls
        while true {
            try await Task.sleep(for: systemd.watchdogPeriod ?? Self.idle)
            let status = plant.status
            // A collector that stands still is what the watchdog is for.
            if status.polls != beat { systemd.alive() }
            beat = status.polls
            systemd.status(summary)
        }
    }

    private var summary: String {
        let devices = plant.snapshot.flatMap(\.devices)
        let answering = devices.count { $0.state == .answering }
        return "\(answering)/\(devices.count) devices answering"
    }
}
