// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// What connections and devices were asked, in `/metrics`: counted by device, and summed by whoever
/// wants the connection's; quantiles are summaries, because histograms would be twenty series for
/// each device.
extension GatewayState {
    func writeConnections(to text: inout MetricsText) {
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
            &text, "connection_other_framing_total", .counter,
            "Answers in RTU framing where Modbus TCP was expected."
        ) { Double($0.otherFraming) }
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

    func writeDevices(to text: inout MetricsText) {
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
        text.family("device_learnt_facts", .gauge, "What it was found not to give.") {
            each(&$0) { family, connection, device, asked in
                family.sample(
                    asked.learnt.count, ["connection": connection, "device": device])
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
