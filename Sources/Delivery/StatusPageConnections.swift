// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// How the wires are, a line for each: what an operator asks when a device is said to be slow.
extension StatusPage {
    var connectionsSection: HTML {
        let all = status.connections.filter { !$0.devices.isEmpty }
        guard !all.isEmpty else { return .nothing }
        // Where there are too many, those that are in trouble come first.
        let shown =
            all.count <= Limits.pageConnections
            ? all
            : Array(
                (all.filter { !$0.isConnected } + all.filter(\.isConnected))
                    .prefix(Limits.pageConnections))
        let more: HTML =
            shown.count < all.count
            ? "<p class=\"quiet\">and \(all.count - shown.count) more: see /v1/status</p>" : ""
        return """
            <section><h2>Connections</h2><table class="consumers"><thead><tr>\
            <th scope="col">Connection</th><th scope="col">State</th>\
            <th scope="col" class="num">Load</th><th scope="col" class="num">Predicted</th>\
            <th scope="col" class="num">Requests</th><th scope="col" class="num">Without answer</th>\
            <th scope="col" class="num">Round trip</th><th scope="col" class="num">p99</th>\
            <th scope="col" class="num">Skipped</th></tr></thead>
            <tbody>\(shown.map(connectionRow).joined())</tbody></table>\(more)</section>
            """
    }

    private func connectionRow(_ line: ConnectionSnapshot) -> HTML {
        let traffic = line.traffic
        let since = PageWords.span(since: line.since, now: status.now)
        let state: HTML =
            line.isConnected
            ? "<i class=\"dot\"></i>connected <span class=\"quiet\">\(since)</span>"
            : "<span class=\"gap\">\(Standing.unknown.symbol)not connected \(since)</span>"
        let framing: HTML =
            line.otherFraming == 0
            ? ""
            : "<span class=\"sub\">answers in RTU framing: use rtu-over-tcp</span>"
        let failed = traffic.requests - traffic.answers
        return """
            <tr><th scope="row">\(line.connection)</th><td data-label="State">\(state)\(framing)</td>\
            <td class="num" data-label="Load">\(percent(line.load.measured))</td>\
            <td class="num" data-label="Predicted">\(percent(line.load.predicted))</td>\
            <td class="num" data-label="Requests">\(PageWords.count(traffic.requests))</td>\
            <td class="num" data-label="Without answer">\(PageWords.count(failed))</td>\
            <td class="num" data-label="Round trip">\(span(traffic.roundTrips.quantile(0.5)))</td>\
            <td class="num" data-label="p99">\(span(traffic.roundTrips.quantile(0.99)))</td>\
            <td class="num" data-label="Skipped">\(PageWords.count(traffic.overruns))</td></tr>

            """
    }

    private func percent(_ share: Double?) -> String {
        share.map { "\(PageWords.measured(($0 * 1_000).rounded() / 10)) %" } ?? "–"
    }

    private func span(_ time: Duration?) -> String {
        time.map { "\(PageWords.measured(($0 / .milliseconds(1) * 10).rounded() / 10)) ms" } ?? "–"
    }
}
