// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import FoundationEssentials
import Testing

@testable import Delivery

/// What is told of the connections: to programs, to Prometheus, to people.
@Suite struct TrafficTests {
    private struct Status: Decodable {
        struct Line: Decodable {
            struct Share: Decodable, Equatable { var predicted: Double, measured: Double? }
            struct Percentiles: Decodable, Equatable { var p50: Double?, p99: Double? }
            struct Device: Decodable {
                var equipment: String, device: String, state: String, unit: Int
                var requests: Int, timeouts: Int, exceptions: [String: Int]
                var learnt: [Fact]
            }
            struct Fact: Decodable {
                var table: String, start: Int?, count: Int?, across: Int?, more_than: Int?
                var refusal: String, exception: Int?, since: String, signals: [String]
                var text: String
            }
            var connection: String, state: String, since: String
            var requests: Int, answers: Int, timeouts: Int, garbled: Int, broken: Int
            var exceptions: [String: Int], overruns: Int, reconnects: Int
            var damaged_frames: Int, stray_bytes: Int, clarifications: Int
            var other_framing: Int
            var load_percent: Share, cycle_ms: Share
            var round_trip_ms: Percentiles, lateness_ms: Percentiles
            var devices: [Device]
        }
        var counted_since: String
        var lateness_ms: Line.Percentiles
        var connections: [Line]
    }

    @Test func `the status tells each connection and device`() async throws {
        try await Fixture.run { fixture in
            let reply = try await fixture.client.get("/v1/status")
            let status = try JSONDecoder().decode(Status.self, from: Data(reply.text.utf8))
            #expect(status.counted_since == "2026-11-19T01:04:03.120Z")
            #expect(status.connections.map(\.connection) == ["meters", "plc"])
            #expect(status.connections.map(\.state) == ["connected", "not-connected"])
            let line = status.connections[0]
            #expect(line.requests == 1006 && line.answers == 990 && line.timeouts == 12)
            #expect(line.exceptions == ["2": 3, "131": 1] && line.overruns == 5)
            #expect((line.reconnects, line.damaged_frames, line.stray_bytes) == (1, 7, 19))
            #expect(line.load_percent == .init(predicted: 42, measured: 43.7))
            #expect(line.cycle_ms == .init(predicted: 330, measured: 341))
            let median = try #require(line.round_trip_ms.p50)
            #expect(abs(median / 24 - 1) < 0.1)
            #expect(line.devices.map(\.state) == ["answering", "offline"])
            #expect(line.devices.map(\.unit) == [4, 11])
            #expect(status.connections[1].round_trip_ms == .init(p50: nil, p99: nil))
            #expect(status.connections[1].load_percent.measured == nil)
        }
    }

    @Test func `the status and the page tell what a device does not give`() async throws {
        try await Fixture.run { fixture in
            let reply = try await fixture.client.get("/v1/status")
            let status = try JSONDecoder().decode(Status.self, from: Data(reply.text.utf8))
            #expect(status.connections.map(\.other_framing) == [0, 3])
            let facts = status.connections[0].devices[0].learnt
            #expect(facts.map(\.table) == ["holding", "input", "input"])
            #expect((facts[0].start, facts[0].count) == (37, 2))
            #expect((facts[1].across, facts[2].more_than) == (80, 60))
            #expect(facts.map(\.exception) == [2, 3, nil])
            #expect(facts.map(\.refusal) == ["exception", "exception", "no-answer"])
            #expect(facts.map(\.signals) == [["flow"], ["level", "speed"], []])
            #expect(facts[0].text.hasSuffix("compare <it>") && facts[0].since.hasSuffix("Z"))
            #expect(status.connections[0].devices[1].learnt.isEmpty)
            let page = try await fixture.client.get("/").text
            #expect(page.contains("exception 2 to holding 37–38 (flow): compare &lt;it&gt;"))
            #expect(page.contains("answers in RTU framing: use rtu-over-tcp"))
        }
    }

    @Test func `metrics tell the same, a family at a time`() async throws {
        try await Fixture.run { fixture in
            _ = try await fixture.client.request("PUT", "/v1/consumers/mes")
            let reply = try await fixture.client.get("/metrics")
            #expect(reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            let lines = reply.text.split(separator: "\n")
            for line in [
                "# TYPE millpond_polls_total counter",
                #"millpond_polls_total{connection="meters",device="press-1/meter",result="answer"} 900"#,
                #"millpond_exceptions_total{connection="meters",device="press-1/meter",exception="2"} 3"#,
                #"millpond_device_up{connection="meters",device="press-1/gearbox"} 0"#,
                #"millpond_device_learnt_facts{connection="meters",device="press-1/meter"} 3"#,
                #"millpond_device_learnt_facts{connection="meters",device="press-1/gearbox"} 0"#,
                #"millpond_connection_other_framing_total{connection="plc"} 3"#,
                #"millpond_connection_up{connection="plc"} 0"#,
                #"millpond_connection_load_ratio{connection="meters"} 0.437"#,
                #"millpond_poll_duration_seconds_count{connection="plc",device="oven-1/controller"} 0"#,
                #"millpond_consumer_lag_seconds{consumer="mes"} 0"#, "millpond_ready 1",
            ] { #expect(lines.contains { $0 == line }, "\(line)") }
            #expect(
                !reply.text.contains(#"connection_load_ratio{connection="plc"}"#),
                "what is not known")
            let families = lines.filter { $0.hasPrefix("# TYPE ") }
            #expect(Set(families).count == families.count)
        }
    }

    @Test func `durations have the resolution that was measured`() async throws {
        var status = SamplePlant.status
        var line = SampleLines.connections[1]
        var traffic = Traffic()
        for took in [Duration.microseconds(412), .nanoseconds(388_250)] {
            traffic.add(.answer, took: took, lateness: .microseconds(3), overruns: 0)
        }
        line.devices[0].traffic = traffic
        line.cycle.measured = .microseconds(1_250)
        status.connections = [line]
        try await Fixture.run(status: status) { fixture in
            let text = try await fixture.client.get("/metrics").text
            let of = #"{connection="plc",device="oven-1/controller"}"#
            #expect(text.contains("millpond_poll_duration_seconds_sum\(of) 0.00080025\n"))
            #expect(text.contains("millpond_poll_lateness_seconds_sum\(of) 6e-06\n"))
            #expect(text.contains(#"millpond_connection_cycle_seconds{connection="plc"} 0.00125"#))
            let quantiles = text.split(separator: "\n").filter {
                $0.hasPrefix("millpond_poll_duration_seconds{")
            }
            let values = quantiles.compactMap {
                $0.split(separator: " ").last.flatMap { Double($0) }
            }
            #expect(values.count == 2 && values.allSatisfy { (3.8e-4...4.3e-4).contains($0) })
        }
    }

    @Test func `labels are escaped, and a family without samples is left out`() {
        var text = MetricsText()
        text.family("a", .gauge, "A.") { $0.sample(0.25, ["name": "a\"b\\c\nd"]) }
        text.family("b", .gauge, "B.") { $0.sample(nil) }
        let golden = """
            # HELP millpond_a A.
            # TYPE millpond_a gauge
            millpond_a{name="a\\"b\\\\c\\nd"} 0.25

            """
        #expect(String(decoding: text.bytes, as: UTF8.self) == golden)
    }

    @Test func `frames are told of a connection that there is`() async throws {
        try await Fixture.run { fixture in
            let reply = try await fixture.client.get("/v1/connections/meters/frames")
            #expect(reply.status == 200 && reply.text == "frames of meters\n")
            #expect(reply.headers["content-type"] == "text/plain; charset=utf-8")
            let nothing = try await fixture.client.get("/v1/connections/nobody/frames")
            #expect(nothing.status == 404 && nothing.text.contains("unknown-connection"))
            #expect(try await fixture.client.get("/v1/connections/meters").status == 404)
            #expect(try await fixture.client.get("/metrics?x=1").status == 400)
        }
    }

    @Test func `a connection that is not there comes first where many are shown`() async throws {
        var status = SamplePlant.status
        status.connections = Array(repeating: SampleLines.connections[0], count: 100)
        status.connections.append(SampleLines.connections[1])
        try await Fixture.run(status: status) { fixture in
            let page = try await fixture.client.get("/").text
            let gone = try #require(page.firstRange(of: "<th scope=\"row\">plc</th>"))
            let there = try #require(page.firstRange(of: "<th scope=\"row\">meters</th>"))
            #expect(gone.lowerBound < there.lowerBound)
            #expect(page.contains("and 37 more"))
        }
    }
}
