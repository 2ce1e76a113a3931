// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment
import Foundation
import Testing

@testable import Delivery

/// The page at `/`: what it says, and what it never does.
@Suite struct StatusPageTests {
    static func page(
        lost: Int = 5_500, plant: [EquipmentSnapshot] = SamplePlant.equipment,
        status: GatewayStatus = SamplePlant.status
    ) throws -> StatusPage {
        let epoch = try #require(Epoch("q7m2k9xd"))
        let buffer = BufferState(
            epoch: epoch, oldest: 9_001, newest: 31_542, batches: 22_542, readings: 112_710_000,
            bytes: 231_735_296, limit: 2_147_483_648,
            oldestSealed: SamplePlant.ago(.seconds(225_420)),
            newestSealed: SamplePlant.ago(.milliseconds(6_200)), lostRecords: lost,
            pace: Pace(readings: 500.2, bytes: 887, span: .seconds(300)),
            holds: .seconds(28 * 86_400))
        let consumers = [
            Consumer(
                name: "mes", cursor: Cursor(epoch: epoch, sequence: 31_542), lagBatches: 0,
                lagReadings: 0, lag: .zero, holdsBackBytes: 0),
            Consumer(
                name: "historian-shanghai", cursor: Cursor(epoch: epoch, sequence: 30_062),
                lagBatches: 1_480, lagReadings: 7_400_000, lag: .seconds(14_803),
                holdsBackBytes: 4_538_112),
        ]
        return StatusPage(
            plant: plant,
            gateway: GatewayState(status: status, buffer: buffer, consumers: consumers))
    }

    /// Takes pictures of the page into the directory that `MILLPOND_PAGE` names: what a browser
    /// makes of it, with its policy in force.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["MILLPOND_PAGE"] != nil))
    func `the page, to look at`() async throws {
        let directory = try #require(ProcessInfo.processInfo.environment["MILLPOND_PAGE"])
        try await Fixture.run { fixture in
            for number in 0..<3 { try await fixture.seal(500, from: number * 500) }
            try await fixture.seal(after: [GapTests.loss])
            for name in ["mes", "historian-shanghai"] {
                _ = try await fixture.client.request("PUT", "/v1/consumers/\(name)")
            }
            for (name, size, extra) in [
                ("light", "1280,2200", [String]()), ("dark", "1280,2200", ["--force-dark-mode"]),
                ("phone", "390,3400", []), ("phone-dark", "390,3400", ["--force-dark-mode"]),
            ] {
                let arguments = [
                    "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                    "--window-size=\(size)", "--screenshot=\(directory)/\(name).png",
                ]
                let address = "http://127.0.0.1:\(fixture.client.port)/"
                _ = try await Tool.run("/usr/bin/chromium", arguments + extra + [address])
            }
            let print = ["--headless", "--no-sandbox", "--print-to-pdf=\(directory)/page.pdf"]
            _ = try await Tool.run(
                "/usr/bin/chromium", print + ["http://127.0.0.1:\(fixture.client.port)/"])
        }
    }

    @Test func `it says the worst first, and never hides a loss`() throws {
        let html = try Self.page().html.text
        #expect(html.contains("<h1>4 of 8 machines need attention, 2 unknown</h1>"))
        #expect(html.contains("5\u{202F}500 records lost"))
        #expect(html.contains("5\u{202F}500 records are lost."))
        let overview = try #require(html.range(of: "class=\"machines\""))
        let order = [
            "Cooling pump 3", "Lathe 4", "conveyor-7", "Compressor 2", "Press 1", "Chiller",
        ]
        let places = order.compactMap {
            html.range(of: $0, range: overview.lowerBound..<html.endIndex)
        }
        #expect(places.count == order.count)
        #expect(places.map(\.lowerBound) == places.map(\.lowerBound).sorted())
        let clean = try Self.page(lost: 0).html.text
        #expect(clean.contains("Nothing has been lost.") && !clean.contains("records lost"))
    }

    @Test(
        arguments: [
            ([], "No machine is configured"),
            ([.normal], "The machine is normal"),
            ([.normal, .normal], "All 2 machines are normal"),
            ([nil], "1 of 1 machine: health unknown"),
            ([nil, .normal], "1 of 2 machines: health unknown"),
            ([.failure, .normal], "1 of 2 machines needs attention"),
            ([.failure, .offSpec, nil], "2 of 3 machines need attention, 1 unknown"),
        ] as [([HealthStatus?], String)]) func `one sentence says it all`(
            health: [HealthStatus?], verdict: String
        ) throws
    {
        let plant = health.map { status in
            SamplePlant.machine(
                "m", nil, nil, SamplePlant.health(status, index: nil), [], [])
        }
        #expect(try Self.page(plant: plant).verdict == verdict)
    }

    @Test func `unknown looks like nothing else, and like normal least of all`() throws {
        let unknown = try Self.page(plant: [SamplePlant.robot]).html.text
        #expect(unknown.contains("<span class=\"badge u\">"))
        #expect(!unknown.contains("<span class=\"badge n\">"))
        #expect(StatusPage.styleSheet.contains(".badge.u,.tiles li.u{background:repeating-linear"))
        #expect(Set(Standing.allCases.map(\.style)).count == 6)
        #expect(Set(Standing.allCases.map(\.word)).count == 6)
    }

    @Test func `whatever a device or a configuration says stays text`() throws {
        let evil = "<script>alert(1)</script>\"'&\u{202E}\u{1B}[2J"
        var machine = SamplePlant.machine(
            evil, evil, evil,
            SamplePlant.health(
                .failure, index: 1,
                [SamplePlant.condition(evil, evil, .active, .failure, evil, evil)]),
            [SamplePlant.device(evil, .offline)],
            [SamplePlant.signal("x", "a/b", evil, .good(.text(evil)))])
        machine.signals.append(SamplePlant.signal("x", "\(evil)c/\(evil)", nil, .bad(.noAnswer)))
        var status = SamplePlant.status
        status.gateway = evil
        status.site = evil
        status.configuration = evil
        status.obstacles = [.init(obstacle: evil, text: evil)]
        status.counters = [.init(name: evil, count: 1)]
        let html = try Self.page(plant: [machine], status: status).html.text
        #expect(!html.contains("<script") && !html.contains("\u{202E}") && !html.contains("\u{1B}"))
        #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\u{FFFD}"))
    }

    @Test func `it needs no script and no network, and forbids them`() async throws {
        try await Fixture.run { fixture in
            let page = try await fixture.client.get("/")
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            let policy = try #require(page.headers["content-security-policy"])
            #expect(policy.hasPrefix("default-src 'none'; style-src 'self'; img-src data:;"))
            #expect(!policy.contains("unsafe"))
            let text = page.text
            for word in [
                "<script", "javascript:", " on", "style=\"", "http://", "https://", "@import",
                "url(",
            ] {
                let found = text.contains(word) && word != " on"
                #expect(!found, "\(word)")
                #expect(!StatusPage.styleSheet.contains(word) || word == " on", "\(word)")
            }
            #expect(text.contains("<meta http-equiv=\"refresh\" content=\"5\">"))
            let style = try await fixture.client.get("/style.css")
            #expect(style.headers["content-type"] == "text/css; charset=utf-8")
            #expect(style.text == StatusPage.styleSheet)
        }
    }

    @Test func `a large plant stays a small page that hides nothing bad`() async throws {
        let plant = (0..<100).map { number -> EquipmentSnapshot in
            var machine = SamplePlant.compressor
            machine.id = "machine-\(number)"
            machine.label = "Machine \(number)"
            machine.signals += (0..<100).map { signal in
                SamplePlant.signal(
                    "x", "meter/s\(signal)", "kW", .good(.number(Double(signal * number) / 7)))
            }
            return machine
        }
        let html = try Self.page(plant: plant).html.text
        let size = await Gzip.compress(Array(html.utf8)).count
        #expect(size < 50_000, "\(html.utf8.count) bytes, \(size) compressed")
        #expect(html.contains("100 more signals: <a href=\"/v1/equipment/machine-7\">"))
        #expect(html.matches(of: /bad: no answer/).count == 200)
    }

    @Test(arguments: [
        (Duration.zero, "0.0 s"), (.milliseconds(412), "0.4 s"), (.milliseconds(9_999), "9.9 s"),
        (.seconds(10), "10 s"), (.seconds(59), "59 s"), (.seconds(60), "1 min"),
        (.seconds(3_599), "59 min"), (.seconds(3_600), "1 h"), (.seconds(11_520), "3 h 12 min"),
        (.seconds(172_799), "47 h 59 min"), (.seconds(172_800), "2 d"), (.seconds(-5), "0.0 s"),
    ]) func `a span is said in people's units`(span: Duration, text: String) {
        #expect(PageWords.span(span) == text)
    }

    @Test(arguments: [
        (0, "0"), (61.25, "61.25"), (18.4375, "18.4375"), (1_284_553.5, "1 284 554"),
        (0.1 + 0.2, "0.3"), (-5.5, "−5.5"), (1_482, "1 482"), (-1_482, "−1 482"),
        (0.00012345, "0.000123"), (1e-9, "1e-09"), (123_456.789, "123 457"), (99.99999, "100"),
        (1e300, "1e+300"),
    ]) func `a value is said to six digits`(value: Double, text: String) {
        #expect(PageWords.measured(value).replacing("\u{202F}", with: " ") == text)
    }
}
