// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Delivery
internal import ServiceLifecycle

/// Tells the service manager, and whoever started the gateway, how it stands: ready when polling
/// has begun and the API listens, alive while the collector moves, stopping at the end.
struct ManagerService: Service {
    let plant: PlantService
    let manager: ServiceManager
    /// Reached with the API's port.
    let listening: Signpost<Int>
    let ready: @Sendable (_ port: Int) -> Void

    /// How often to look when systemd asks for no sign of life.
    private static let idle = Duration.seconds(10)

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            let port = await listening.reached()
            await plant.polling()
            ready(port)
            manager.ready(status: summary)
            var beat = plant.status.collections
            while true {
                try await Task.sleep(for: manager.watchdogPeriod ?? Self.idle)
                let status = plant.status
                // A collector that stands still is what the watchdog is for.
                if status.collections != beat { manager.alive() }
                beat = status.collections
                manager.status(summary)
            }
        }
    }

    private var summary: String {
        let devices = plant.snapshot.flatMap(\.devices)
        let answering = devices.count { $0.state == .answering }
        return "\(answering)/\(devices.count) devices answering"
    }
}
