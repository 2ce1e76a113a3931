// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import Buffer
internal import Modbus

/// A wire plan for a terminal of 80 columns: a line for each request with its signals below it,
/// then what they come to, and what a dead device would make of it.
struct WirePlanText {
    let plan: WirePlan

    init(_ plan: WirePlan) { self.plan = plan }

    var text: String {
        var lines = ["\(plan.connection): \(plan.endpoint.text)"]
        var requests = requests.lines[...]
        lines += requests.prefix(1)
        requests = requests.dropFirst()
        for (request, item) in zip(requests, plan.items) {
            lines.append(request)
            lines += Wording.wrapped(item.signals.joined(separator: " "), indent: 6)
        }
        lines += Wording.wrapped(sum, indent: 2)
        if plan.loadOfRereads > 0 { lines += Wording.wrapped(rereads, indent: 2) }
        lines += plan.costOfDeadDevice.map { Wording.wrapped(words(for: $0), indent: 2) } ?? []
        return lines.joined(separator: "\n") + "\n"
    }

    private var requests: TextTable {
        var table = TextTable([
            ("  DEVICE", .left), ("UNIT", .right), ("FUNCTION", .left), ("START", .right),
            ("COUNT", .right), ("WASTE", .right), ("EVERY", .right), ("PREDICTED", .right),
        ])
        for item in plan.items {
            let request = item.request
            table.add([
                "  \(item.device.text)", "\(request.unit)",
                "\(request.table.function) \(request.table.rawValue)", "\(request.start)",
                "\(request.count)", "\(item.waste)", Wording.duration(item.period),
                Wording.milliseconds(item.predicted),
            ])
        }
        return table
    }

    private var sum: String {
        "cycle \(Wording.milliseconds(plan.cycle)), load \(Wording.percent(plan.load)) "
            + "(\(plan.isPhysics ? "predicted" : "estimated"))"
    }

    private var rereads: String {
        """
        counters of several registers are asked for again while the higher ones change, which is \
        not predicted: load + \(Wording.percent(plan.loadOfRereads)) at most
        """
    }

    private func words(for dead: DeadDevice) -> String {
        """
        if one device is dead, \(dead.device.text) at worst: its first timeout holds the others \
        up for \(Wording.milliseconds(dead.timeout)) (that cycle takes \
        \(Wording.milliseconds(dead.cycle)), load \(Wording.percent(dead.load))), and the next \
        \(dead.cycles - 1) for \(Wording.milliseconds(dead.probe)) each if it was prompt before; \
        then it is offline, and a probe of \(Wording.milliseconds(dead.probe)) goes out every \
        \(Wording.duration(dead.steps.lowerBound)) (load \(Wording.percent(dead.loadAtFirst))), \
        in the end one of \(Wording.milliseconds(dead.timeout)) at most every \
        \(Wording.duration(dead.steps.upperBound)) (load \(Wording.percent(dead.loadInTheEnd)))
        """
    }
}

extension WirePlan {
    /// Whether the wire's times are known rather than estimated.
    var isPhysics: Bool {
        if case .serial = endpoint { true } else { false }
    }

    /// As one of the `connections` of `check --json`.
    func write(to json: inout JSONText) {
        json.member("connection", connection)
        json.member("endpoint", endpoint.text)
        json.member("cycle_ms", cycle.inMilliseconds)
        json.member("load_percent", load * 100)
        json.member("load_percent_rereads", loadOfRereads * 100)
        if let costOfDeadDevice {
            json.object("one_dead_device") { costOfDeadDevice.write(to: &$0) }
        } else {
            json.member("one_dead_device", json: "null".utf8)
        }
        json.array("requests") { json in
            for item in items { json.object { item.write(to: &$0) } }
        }
    }
}

extension WirePlan.Item {
    fileprivate func write(to json: inout JSONText) {
        json.member("device", device.text)
        json.member("unit", Int(request.unit))
        json.member("function", Int(request.table.function))
        json.member("start", Int(request.start))
        json.member("count", request.count)
        json.member("waste", waste)
        json.member("every_ms", period.inMilliseconds)
        json.member("predicted_ms", predicted.inMilliseconds)
        json.array("signals") { json in
            for signal in signals { json.element(signal) }
        }
    }
}

extension DeadDevice {
    fileprivate func write(to json: inout JSONText) {
        json.member("device", device.text)
        json.member("cycles_until_offline", cycles)
        json.member("timeout_ms", timeout.inMilliseconds)
        json.member("cycle_ms", cycle.inMilliseconds)
        json.member("load_percent", load * 100)
        json.member("probe_ms", probe.inMilliseconds)
        json.member("first_probe_after_ms", steps.lowerBound.inMilliseconds)
        json.member("last_probe_after_ms", steps.upperBound.inMilliseconds)
        json.member("load_percent_first_probes", loadAtFirst * 100)
        json.member("load_percent_last_probes", loadInTheEnd * 100)
    }
}
