// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment

/// The answer of `/metrics`. What was asked is counted by device, and summed by whoever wants the
/// connection's; quantiles are summaries, because histograms would be twenty series for each
/// device.
extension GatewayState {
    var metrics: [UInt8] {
        var text = MetricsText()
        writeGateway(to: &text)
        writeBuffer(to: &text)
        writeConnections(to: &text)
        writeDevices(to: &text)
        return text.bytes
    }

    private func writeGateway(to text: inout MetricsText) {
        text.family("build_info", .gauge, "The version that runs.") {
            $0.sample(1, ["version": status.version])
        }
        text.family("start_time_seconds", .gauge, "When the gateway started, in Unix time.") {
            $0.sample(status.started.inSeconds)
        }
        text.family("ready", .gauge, "Whether the gateway can keep its promise.") {
            $0.sample(obstacles.isEmpty ? 1 : 0)
        }
        text.family("clock_synced", .gauge, "Whether the kernel believes the clock.") {
            $0.sample(status.clock == .synced ? 1 : 0)
        }
        text.family("readings_total", .counter, "Readings written, by quality.") { family in
            for quality in ["good", "uncertain", "bad"] {
                family.sample(counter("readings_\(quality)"), ["quality": quality])
            }
        }
        text.family("records_produced_total", .counter, "Records made.") {
            $0.sample(counter("records_produced"))
        }
        text.family("records_sealed_total", .counter, "Records that are on disk.") {
            $0.sample(counter("records_sealed"))
        }
        text.family("records_waiting", .gauge, "Records in memory, for the next batch.") {
            $0.sample(counter("records_waiting"))
        }
        text.family("records_not_stored_total", .counter, "Records given up before the disk.") {
            $0.sample(counter("records_not_stored"))
        }
    }

    private func counter(_ name: String) -> Double? {
        status.counters.first { $0.name == name }.map { Double($0.count) }
    }

    private func writeBuffer(to text: inout MetricsText) {
        guard let buffer else { return }
        text.family("buffer_bytes", .gauge, "What the batches take on disk.") {
            $0.sample(buffer.bytes)
        }
        text.family("buffer_limit_bytes", .gauge, "What they may take.") {
            $0.sample(buffer.limit)
        }
        text.family("buffer_batches", .gauge, "Batches kept.") { $0.sample(buffer.batches) }
        text.family("buffer_oldest_timestamp_seconds", .gauge, "When the oldest was sealed.") {
            $0.sample(buffer.oldestSealed?.inSeconds)
        }
        text.family("buffer_newest_timestamp_seconds", .gauge, "When the newest was sealed.") {
            $0.sample(buffer.newestSealed?.inSeconds)
        }
        text.family("lost_records", .gauge, "Records that this buffer's stream tells as lost.") {
            $0.sample(buffer.lostRecords)
        }
        text.family("consumer_lag_seconds", .gauge, "How far behind a consumer is.") { family in
            for consumer in consumers {
                family.sample(consumer.lag.seconds, ["consumer": consumer.name])
            }
        }
    }
}

// MARK: What was asked

extension GatewayState {
    private func writeConnections(to text: inout MetricsText) {
        each(&text, "connection_up", .gauge, "Whether there is a connection.") {
            $0.isConnected ? 1 : 0
        }
        each(&text, "connection_reconnects_total", .counter, "Times that it was opened anew.") {
            Double($0.reconnects)
        }
        each(
            &text, "connection_damaged_frames_total", .counter,
            "Frames with a wrong CRC or an impossible header."
        ) { Double($0.damagedFrames) }
        each(
            &text, "connection_stray_bytes_total", .counter,
            "Bytes that belonged to no answer asked for."
        ) { Double($0.strayBytes) }
        each(
            &text, "connection_clarifications_total", .counter,
            "Questions asked only to tell a late answer from the one that is wanted."
        ) { Double($0.clarifications) }
        each(
            &text, "connection_load_ratio", .gauge,
            "The share of the last minute that the wire was busy."
        ) { $0.load.measured }
        each(
            &text, "connection_predicted_load_ratio", .gauge,
            "The share of time that the wire is busy by the plan."
        ) { $0.load.predicted }
        each(
            &text, "connection_cycle_seconds", .gauge,
            "How long it takes to ask for everything once, as last answered."
        ) { $0.cycle.measured?.seconds }
        each(
            &text, "connection_predicted_cycle_seconds", .gauge,
            "How long it takes to ask for everything once by the plan."
        ) { $0.cycle.predicted.seconds }
    }

    /// A family with a sample for each connection.
    private func each(
        _ text: inout MetricsText, _ name: String, _ kind: MetricsText.Kind, _ help: String,
        _ value: (ConnectionSnapshot) -> Double?
    ) {
        text.family(name, kind, help) { family in
            for connection in status.connections {
                family.sample(value(connection), ["connection": connection.connection])
            }
        }
    }

    private func writeDevices(to text: inout MetricsText) {
        text.family("device_up", .gauge, "Whether the device answers.") {
            each(&$0) { family, connection, device, asked in
                let isUp = asked.device.state == .answering
                family.sample(isUp ? 1 : 0, ["connection": connection, "device": device])
            }
        }
        text.family("polls_total", .counter, "Requests sent, by how they went.") {
            each(&$0) { family, connection, device, asked in
                let traffic = asked.traffic
                let results = [
                    ("answer", traffic.answers), ("refused", traffic.refusals),
                    ("no-answer", traffic.timeouts), ("garbled", traffic.garbled),
                    ("broken", traffic.broken),
                ]
                for (result, count) in results {
                    family.sample(
                        count, ["connection": connection, "device": device, "result": result])
                }
            }
        }
        text.family("exceptions_total", .counter, "Requests refused, by the exception's code.") {
            each(&$0) { family, connection, device, asked in
                for (code, count) in asked.traffic.exceptions.sorted(by: { $0.key < $1.key }) {
                    family.sample(
                        count,
                        ["connection": connection, "device": device, "exception": "\(code)"])
                }
            }
        }
        text.family("overruns_total", .counter, "Slots that passed before their request.") {
            each(&$0) { family, connection, device, asked in
                family.sample(
                    asked.traffic.overruns, ["connection": connection, "device": device])
            }
        }
        spread(
            &text, "poll_duration_seconds", "From a request to its answer or refusal."
        ) { $0.roundTrips }
        spread(
            &text, "poll_lateness_seconds", "From when a request was due to its beginning."
        ) { $0.lateness }
    }

    private func spread(
        _ text: inout MetricsText, _ name: String, _ help: String, _ of: (Traffic) -> Spread
    ) {
        text.family(name, .summary, help) {
            each(&$0) { family, connection, device, asked in
                let spread = of(asked.traffic)
                for (quantile, share) in [("0.5", 0.5), ("0.99", 0.99)] {
                    family.sample(
                        spread.quantile(share)?.seconds,
                        ["connection": connection, "device": device, "quantile": quantile])
                }
                let labels: MetricsText.Labels = ["connection": connection, "device": device]
                family.sample(spread.sum.seconds, labels, suffix: "_sum")
                family.sample(Double(spread.count), labels, suffix: "_count")
            }
        }
    }

    private func each(
        _ family: inout MetricsText.Family,
        _ sample: (inout MetricsText.Family, _ connection: String, String, DeviceTraffic) -> Void
    ) {
        for connection in status.connections {
            for asked in connection.devices {
                let device = "\(asked.equipment)/\(asked.device.device)"
                sample(&family, connection.connection, device, asked)
            }
        }
    }
}

extension Timestamp {
    /// Unix time.
    fileprivate var inSeconds: Double { Double(milliseconds) / 1_000 }
}
