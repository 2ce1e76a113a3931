// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment
internal import HTTPTypes

/// The page at `/`: what an operator needs to know, without a script and without a network.
struct StatusPage {
    let plant: [EquipmentSnapshot]
    let gateway: GatewayState

    var answer: Answer {
        Answer(
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
                // Nothing but our own style sheet; the empty icon is in the page itself.
                .contentSecurityPolicy: "default-src 'none'; style-src 'self'; img-src data:; "
                    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                .referrerPolicy: "no-referrer",
            ],
            body: Array(html.text.utf8))
    }

    static let styleSheetAnswer = Answer(
        headers: [
            // Short, so that an upgrade shows soon, and long enough not to come with each refresh.
            .contentType: "text/css; charset=utf-8", .cacheControl: "max-age=60",
        ],
        body: Array(styleSheet.utf8))

    var status: GatewayStatus { gateway.status }

    var html: HTML {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="refresh" content="\(Limits.pageRefreshSeconds)">
        <title>\(verdict) · \(status.gateway)</title>
        <link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css">
        </head><body>
        \(Standing.symbols)
        \(masthead)
        <main>
        \(alarms)
        \(summary)
        \(overview)
        \(bufferSection)
        \(consumersSection)
        \(connectionsSection)
        \(details)
        </main>
        \(footer)
        </body></html>

        """
    }

    private var masthead: HTML {
        let place: HTML = status.site.map { "<span class=\"site\">\($0)</span>" } ?? ""
        let clock: HTML =
            status.clock == .synced
            ? "" : "<span class=\"badge u\">clock \(status.clock.rawValue)</span>"
        return """
            <header><p class="who"><strong>\(status.gateway)</strong>\(place)</p>\
            <p class="when">\(clock)<time>\(Self.clockTime(status.now)) UTC</time>\
            <span class="quiet"> · renews itself every \(Limits.pageRefreshSeconds) s</span>\
            </p></header>
            """
    }

    // MARK: The verdict

    private var counts: [(Standing, Int)] {
        let standings = plant.map { Standing($0.health) }
        return Standing.allCases.map { standing in
            (standing, standings.count { $0 == standing })
        }
    }

    /// The page in one sentence.
    var verdict: String {
        guard !plant.isEmpty else { return "No machine is configured" }
        let unknown = plant.count { $0.health.status == nil }
        let well = plant.count { $0.health.status == .normal }
        let troubled = plant.count - unknown - well
        let all = "\(plant.count) machine\(plant.count == 1 ? "" : "s")"
        switch (troubled, unknown) {
        case (0, 0): return plant.count == 1 ? "The machine is normal" : "All \(all) are normal"
        case (0, _): return "\(unknown) of \(all): health unknown"
        case (_, 0): return "\(troubled) of \(all) need\(troubled == 1 ? "s" : "") attention"
        default:
            let need = "need\(troubled == 1 ? "s" : "") attention"
            return "\(troubled) of \(all) \(need), \(unknown) unknown"
        }
    }

    private var summary: HTML {
        let tiles = counts.map { standing, count -> HTML in
            """
            <li class="\(count == 0 ? "none" : standing.style)">\(standing.symbol)\
            <b>\(count)</b><span>\(standing.word)</span></li>
            """
        }
        return """
            <section class="summary"><h1>\(verdict)</h1>
            <ul class="tiles">\(tiles.joined())</ul>
            <p class="brief">\(brief)</p></section>
            """
    }

    /// The gateway's own affairs in a line.
    private var brief: HTML {
        let devices = plant.flatMap(\.devices)
        let silent = devices.count { $0.state != .answering }
        let lost = gateway.buffer?.lostRecords ?? 0
        let losses: HTML =
            lost == 0
            ? "<span>nothing lost</span>"
            : "<a class=\"lost\" href=\"#buffer\">\(PageWords.count(lost)) records lost</a>"
        let kept: HTML =
            gateway.buffer.map { "<span>buffer \(Self.percentFull($0)) % full</span>\(losses)" }
            ?? "<span class=\"lost\">buffer unreadable</span>"
        let lag = gateway.consumers.map(\.lag).max().map { PageWords.span($0) } ?? "none"
        return """
            <span class="\(silent == 0 ? "" : "gap")">\(devices.count - silent) \
            of \(devices.count) devices answer</span>\(kept)\
            <span>longest lag of a consumer: \(lag)</span>
            """
    }

    static func percentFull(_ buffer: BufferState) -> Int {
        min(100, buffer.bytes * 100 / max(1, buffer.limit))
    }

    // MARK: What must not be overlooked

    private var alarms: HTML {
        gateway.obstacles.map { obstacle -> HTML in
            """
            <p class="alarm f">\(Standing.failure.symbol)<span><b>Not ready.</b> \
            \(obstacle.text)</span></p>
            """
        }.joined()
    }

    private var footer: HTML {
        let counters = status.counters.map { counter -> HTML in
            let name = counter.name.split(separator: "_").joined(separator: " ")
            return Self.fact("\(name)", "\(PageWords.count(counter.count))")
        }
        return """
            <footer><dl class="facts">
            \(Self.fact("Millpond", "\(status.version)"))
            \(Self.fact("running for", "\(PageWords.span(status.uptime))"))
            \(Self.fact("clock", "\(status.clock.rawValue)"))
            \(counters.joined())
            \(Self.fact("configuration", "<code>\(status.configuration)</code>"))
            </dl>
            <p class="quiet">For programs: <a href="/v1/status">/v1/status</a> \
            <a href="/v1/equipment">/v1/equipment</a> <a href="/v1/batches?limit=1">/v1/batches</a> \
            <a href="/metrics">/metrics</a>\
            </p></footer>
            """
    }

    /// A small label over what it labels.
    static func fact(_ label: HTML, _ value: HTML) -> HTML {
        "<div><dt>\(label)</dt><dd>\(value)</dd></div>\n"
    }

    /// `2026-11-20 01:04:03`
    static func clockTime(_ time: Timestamp) -> String {
        let text = time.rfc3339
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8))"
    }
}
