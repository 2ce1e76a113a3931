// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment

/// What the connections and their devices were asked, as members of `/v1/status`.
extension GatewayStatus {
    func writeTraffic(to json: inout JSONText) {
        json.member("counted_since", countedSince)
        json.object("lateness_ms") { json in
            Spread.union(connections.map(\.traffic.lateness)).write(to: &json)
        }
        json.array("connections") { json in
            for connection in connections { json.object { connection.write(to: &$0) } }
        }
    }
}

extension ConnectionSnapshot {
    fileprivate func write(to json: inout JSONText) {
        json.member("connection", connection)
        json.member("state", state)
        json.member("since", since)
        traffic.write(to: &json)
        json.member("reconnects", reconnects)
        json.member("damaged_frames", damagedFrames)
        json.member("stray_bytes", strayBytes)
        json.member("clarifications", clarifications)
        json.member("other_framing", otherFraming)
        load.write(to: &json)
        json.object("cycle_ms") { json in
            json.member("predicted", cycle.predicted.inMilliseconds)
            json.member("measured", cycle.measured?.inMilliseconds)
        }
        json.array("devices") { json in
            for device in devices { json.object { device.write(to: &$0) } }
        }
    }

    /// Whether there is a connection, in one word.
    var state: String { isConnected ? "connected" : "not-connected" }
}

extension DeviceTraffic {
    fileprivate func write(to json: inout JSONText) {
        json.member("equipment", equipment)
        json.member("device", device.device)
        json.member("unit", Int(unit))
        json.member("state", device.state.rawValue)
        json.member("since", device.since)
        traffic.write(to: &json)
        load.write(to: &json)
        json.array("learnt") { json in
            for fact in learnt { json.object { fact.write(to: &$0) } }
        }
    }
}

extension LearntSnapshot {
    fileprivate func write(to json: inout JSONText) {
        json.member("table", table)
        switch matter {
        case .value(let extent):
            json.member("start", extent.lowerBound)
            json.member("count", extent.count)
        case .across(let address): json.member("across", address)
        case .more(let limit): json.member("more_than", limit)
        }
        json.member("refusal", exception == nil ? "no-answer" : "exception")
        json.member("exception", exception.map(Int.init))
        json.member("since", since)
        json.array("signals") { json in
            for signal in signals { json.element(signal) }
        }
        json.member("text", text)
    }
}

extension Traffic {
    fileprivate func write(to json: inout JSONText) {
        json.member("requests", requests)
        json.member("answers", answers)
        json.member("timeouts", timeouts)
        json.member("garbled", garbled)
        json.member("broken", broken)
        json.object("exceptions") { json in
            for (code, count) in exceptions.sorted(by: { $0.key < $1.key }) {
                json.member("\(code)", count)
            }
        }
        json.member("overruns", overruns)
        json.object("round_trip_ms") { roundTrips.write(to: &$0) }
        json.object("lateness_ms") { lateness.write(to: &$0) }
    }
}

extension Spread {
    fileprivate func write(to json: inout JSONText) {
        json.member("p50", quantile(0.5)?.inMilliseconds)
        json.member("p99", quantile(0.99)?.inMilliseconds)
    }
}

extension ConnectionSnapshot.Load {
    fileprivate func write(to json: inout JSONText) {
        json.object("load_percent") { json in
            json.member("predicted", (predicted * 10_000).rounded() / 100)
            json.member("measured", measured.map { ($0 * 10_000).rounded() / 100 })
        }
    }
}

extension Duration {
    /// In milliseconds, to the microsecond.
    fileprivate var inMilliseconds: Double { (self / .microseconds(1)).rounded() / 1_000 }
}
