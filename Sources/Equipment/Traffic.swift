// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What was asked, and how it went, since counting began.
///
/// What it promises: `requests` = `answers` + `refusals` + `timeouts` + `garbled` + `broken`.
package struct Traffic: Hashable, Sendable {
    /// How a request went.
    package enum Outcome: Hashable, Sendable {
        case answer
        /// The device said no, with this code; that is no answer, and no silence either.
        case exception(UInt8)
        /// Nothing came in time.
        case timeout
        /// What came was no answer to the question.
        case garbled
        /// The connection went, and the request with it.
        case broken
    }

    /// Requests sent.
    package private(set) var requests = 0
    /// Requests that brought values.
    package private(set) var answers = 0
    /// Requests that nothing came to in time.
    package private(set) var timeouts = 0
    /// Requests that only nonsense came to.
    package private(set) var garbled = 0
    /// Requests that were lost with their connection.
    package private(set) var broken = 0
    /// Requests that were refused, by the exception's code.
    package private(set) var exceptions: [UInt8: Int] = [:]
    /// Slots of the grid that passed before their request could be sent.
    package private(set) var overruns = 0
    /// From a request's beginning to its answer or refusal.
    package private(set) var roundTrips = Spread()
    /// From when a request was due to its beginning; without probes and repetitions.
    package private(set) var lateness = Spread()

    /// Nothing yet.
    package init() {}

    /// Requests that were refused, whatever the code.
    package var refusals: Int { exceptions.values.reduce(0, +) }

    /// Takes note of a request that `took` so long, `lateness` after its time, if it had one.
    package mutating func add(
        _ outcome: Outcome, took: Duration, lateness: Duration?, overruns: Int
    ) {
        requests += 1
        switch outcome {
        case .answer: answers += 1
        case .exception(let code): exceptions[code, default: 0] += 1
        case .timeout: timeouts += 1
        case .garbled: garbled += 1
        case .broken: broken += 1
        }
        switch outcome {
        case .answer, .exception: roundTrips.add(took)
        case .timeout, .garbled, .broken: break
        }
        if let lateness { self.lateness.add(lateness) }
        self.overruns += overruns
    }

    /// That of several devices, taken together.
    package static func union(_ parts: [Traffic]) -> Traffic {
        guard parts.count != 1 else { return parts[0] }
        var union = Traffic()
        for part in parts {
            union.requests += part.requests
            union.answers += part.answers
            union.timeouts += part.timeouts
            union.garbled += part.garbled
            union.broken += part.broken
            union.exceptions.merge(part.exceptions, uniquingKeysWith: +)
            union.overruns += part.overruns
        }
        union.roundTrips = Spread.union(parts.lazy.map(\.roundTrips))
        union.lateness = Spread.union(parts.lazy.map(\.lateness))
        return union
    }
}

/// One connection as it stands now, and what its wire has carried.
package struct ConnectionSnapshot: Sendable {
    /// The key in the configuration.
    package var connection: String
    /// Whether something was exchanged over it, and nothing has broken it since.
    package var isConnected: Bool
    /// When `isConnected` last changed; before that, the start.
    package var since: Timestamp
    /// Of all its devices.
    package var traffic = Traffic()
    /// Times that it was opened anew.
    package var reconnects = 0
    /// Frames with a wrong CRC or an impossible header.
    package var damagedFrames = 0
    /// Bytes that belonged to no answer asked for.
    package var strayBytes = 0
    /// Questions asked only to tell a late answer from the one that is wanted.
    package var clarifications = 0
    /// Answers in RTU framing where Modbus TCP was expected: the endpoint is another one than the
    /// configuration says.
    package var otherFraming = 0
    /// The share of time that its wire is busy.
    package var load: Load
    /// How long it takes to ask for everything once.
    package var cycle: Cycle
    /// In the order of the configuration.
    package var devices: [DeviceTraffic] = []

    /// A connection that has carried nothing yet.
    package init(
        connection: String, isConnected: Bool, since: Timestamp, load: Load, cycle: Cycle
    ) {
        self.connection = connection
        self.isConnected = isConnected
        self.since = since
        self.load = load
        self.cycle = cycle
    }

    /// A share of time, 0 to 1; predicted, it may be more.
    package struct Load: Hashable, Sendable {
        /// From the plan; physics on a serial line, an estimate elsewhere.
        package var predicted: Double
        /// Over the last minute; nil in the first ten seconds.
        package var measured: Double?

        package init(predicted: Double, measured: Double?) {
            self.predicted = predicted
            self.measured = measured
        }
    }

    /// A time for one round of all requests.
    package struct Cycle: Hashable, Sendable {
        /// From the plan; physics on a serial line, an estimate elsewhere.
        package var predicted: Duration
        /// As the requests were last answered; nil before there was an answer.
        package var measured: Duration?

        package init(predicted: Duration, measured: Duration?) {
            self.predicted = predicted
            self.measured = measured
        }
    }
}

/// One device as it stands now, and what it was asked.
package struct DeviceTraffic: Sendable {
    /// The key of the equipment that it belongs to.
    package var equipment: String
    /// As a source of data.
    package var device: DeviceSnapshot
    /// Its address on the connection.
    package var unit: UInt8
    package var traffic: Traffic
    /// The share of its connection's time that it takes.
    package var load: ConnectionSnapshot.Load
    /// What it was found not to give, in the order in which that was learnt.
    package var learnt: [LearntSnapshot] = []

    package init(
        equipment: String, device: DeviceSnapshot, unit: UInt8, traffic: Traffic,
        load: ConnectionSnapshot.Load
    ) {
        self.equipment = equipment
        self.device = device
        self.unit = unit
        self.traffic = traffic
        self.load = load
    }
}
