// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import Delivery
internal import Equipment
internal import Plant

/// How the gateway as a whole stands: what `/v1/status` and `/readyz` are made of.
struct Standing: Sendable {
    private let gateway: String
    private let site: String?
    private let source: String
    private let survive: Duration?
    private let started = WallClock.now
    private let begun = ContinuousClock.now

    /// For how long sealing may fail before the gateway says that it cannot keep its promise.
    private static let patience = Duration.seconds(5)

    init(_ configuration: Configuration, source: String) {
        gateway = configuration.gateway
        site = configuration.site
        self.source = source
        survive = configuration.buffer.survive?.duration
    }

    func status(_ acquisition: AcquisitionStatus) -> GatewayStatus {
        let traffic = acquisition.connections.map(\.traffic)
        let counters = [
            ("polls", traffic.reduce(0) { $0 + $1.requests }),
            ("failures", traffic.reduce(0) { $0 + $1.requests - $1.answers }),
            ("overruns", traffic.reduce(0) { $0 + $1.overruns }),
            ("readings_good", acquisition.good), ("readings_uncertain", acquisition.uncertain),
            ("readings_bad", acquisition.bad), ("records_produced", acquisition.produced),
            ("records_sealed", acquisition.sealed), ("records_waiting", acquisition.waiting),
            ("records_not_stored", acquisition.lost),
        ]
        var status = GatewayStatus(
            gateway: gateway, site: site, version: Version.text, now: WallClock.now,
            started: started, uptime: ContinuousClock.now - begun, configuration: source,
            clock: WallClock.state,
            counters: counters.map { GatewayStatus.Counter(name: $0.0, count: $0.1) },
            connections: acquisition.explained, countedSince: acquisition.since,
            obstacles: obstacles(acquisition))
        status.survive = survive
        return status
    }

    private func obstacles(_ acquisition: AcquisitionStatus) -> [GatewayStatus.Obstacle] {
        guard let outage = acquisition.sealingFailing, outage > Self.patience else { return [] }
        return [
            GatewayStatus.Obstacle(
                obstacle: "not-sealing",
                text: "nothing could be sealed for \(Wording.duration(outage)): check the disk; "
                    + "\(Wording.count(acquisition.waiting, "record")) wait in memory")
        ]
    }
}
