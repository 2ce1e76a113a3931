// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus

@testable import Acquisition
@testable import Plant

/// A device that lacks addresses, refuses long requests and requests across some lines, as real
/// ones do; its registers hold their own addresses.
struct PickyDevice: Sendable {
    var missing: [Table: Set<Int>] = [:]
    /// A request may not hold an address before one of these together with one from it on.
    var borders: [Table: Set<Int>] = [:]
    var longest: [Table: Int] = [:]
    /// Tables that it does not serve at all.
    var unserved: Set<Table> = []
    /// Whether it leaves long requests unanswered instead of refusing them.
    var ignoresLong = false
    /// Whether it leaves missing addresses unanswered instead of refusing them.
    var ignoresMissing = false

    /// `nil`: it answers.
    func error(for request: Request) -> ModbusError? {
        if unserved.contains(request.table) { return .refused(exception: 1) }
        if request.count > longest[request.table] ?? request.table.limit {
            return ignoresLong ? .silent : .refused(exception: 3)
        }
        let span = Int(request.start)..<Int(request.start) + request.count
        if !(missing[request.table] ?? []).isDisjoint(with: span) {
            return ignoresMissing ? .silent : .refused(exception: 2)
        }
        let inner = span.dropFirst()
        return (borders[request.table] ?? []).isDisjoint(with: inner)
            ? nil : .refused(exception: 2)
    }

    func reply(to request: Request) -> ManualDevices.Reply {
        error(for: request).map(ManualDevices.Reply.fail) ?? .answer
    }

    /// What the signal must say when all is learnt.
    func content(of signal: ProfileSignal) -> Reading.Content {
        let request = Request(
            unit: 1, table: signal.table, start: signal.address, count: signal.layout.width)
        switch error(for: request) {
        case .refused(let exception): return .bad(.refused(exception: exception))
        case .silent: return .bad(.noAnswer)
        default: return Point(signal).content(of: signal.addresses.map(UInt16.init)[...])
        }
    }
}

extension ManualLine {
    /// A line with one such device, which becomes another one at a time.
    init(
        _ profile: Profile, _ device: PickyDevice, for end: Duration,
        knowing facts: [LearntFact] = [], then other: (device: PickyDevice, from: Duration)? = nil
    ) {
        self.init(.sample([profile]), for: end, knowing: [0: Learnt(facts)]) { request, now in
            guard let other, now >= other.from else { return device.reply(to: request) }
            return other.device.reply(to: request)
        }
    }

    /// The last thing said of each signal.
    var latest: [Int: Reading.Content] {
        reports.flatMap(\.observations).reduce(into: [:]) { $0[$1.signal] = $1.content }
    }

    /// The most good readings that a signal had in one turn, of those that recur after `period`.
    func mostGoodReadings(within period: Duration) -> Int {
        var counts: [[Int]: Int] = [:]
        for report in reports {
            let turn = report.at.monotonic.slot(of: period, from: .zero)
            for observation in report.observations where observation.content.quality == .good {
                counts[[observation.signal, turn], default: 0] += 1
            }
        }
        return counts.values.max() ?? 0
    }

    /// How many requests `device` did not answer, from `start` on.
    func failures(of device: PickyDevice, from start: Duration = .zero) -> Int {
        asks.count { $0.at >= start && device.error(for: $0.request) != nil }
    }
}
