// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// Each machine with its conditions, devices and signals, in the order of the configuration, so
/// that everything keeps its place.
extension StatusPage {
    var details: HTML {
        guard !plant.isEmpty else { return .nothing }
        let signals = plant.reduce(0) { $0 + $1.signals.count }
        let isLarge = signals > Limits.pageSignals
        let learnt = self.learnt
        return """
            <section><h2>Signals</h2><div class="cards">\
            \(plant.map { card($0, learnt: learnt, isLarge: isLarge) }.joined())</div></section>
            """
    }

    /// What devices were found not to give, by `<equipment>/<device>`.
    private var learnt: [String: [LearntSnapshot]] {
        var learnt: [String: [LearntSnapshot]] = [:]
        for asked in status.connections.lazy.flatMap(\.devices) where !asked.learnt.isEmpty {
            learnt["\(asked.equipment)/\(asked.device.device)"] = asked.learnt
        }
        return learnt
    }

    private func card(
        _ equipment: EquipmentSnapshot, learnt: [String: [LearntSnapshot]], isLarge: Bool
    ) -> HTML {
        let devices = equipment.devices.map {
            device($0, learnt: learnt["\(equipment.id)/\($0.device)"] ?? [])
        }
        let standing = Standing(equipment.health)
        return """
            <article id="\(equipment.id)" class="\(standing.style)">
            <h3>\(equipment.label ?? equipment.id)\(Self.place(equipment))\(standing.badge)</h3>
            \(conditions(equipment.health.conditions))\
            <ul class="devices">\(devices.joined())</ul>
            \(signalTable(equipment, isLarge: isLarge))
            </article>

            """
    }

    private func conditions(_ conditions: [ConditionSnapshot]) -> HTML {
        let telling = conditions.filter { $0.state != .inactive }
        guard !telling.isEmpty else { return .nothing }
        let items = telling.map { condition -> HTML in
            let standing = condition.state == .unknown ? .unknown : Standing(condition.status)
            let component: HTML =
                condition.component.map { " <span class=\"quiet\">\($0)</span>" } ?? ""
            let since = PageWords.span(since: condition.since, now: status.now)
            return """
                <li>\(standing.symbol)<span><b>\(condition.condition)</b>\(component) \
                <span class="quiet">\(condition.state.rawValue) for \(since)</span></span></li>
                """
        }
        return "<ul class=\"conditions\">\(items.joined())</ul>"
    }

    private func device(_ device: DeviceSnapshot, learnt: [LearntSnapshot]) -> HTML {
        let since = PageWords.span(since: device.since, now: status.now)
        let isAnswering = device.state == .answering
        let symbol: HTML = isAnswering ? "<i class=\"dot\"></i>" : Standing.unknown.symbol
        return """
            <li class="\(isAnswering ? "" : "gap")">\(symbol)<span><b>\(device.device)</b> \
            \(device.state.phrase) <span class="quiet">\(since)</span>\
            \(sentences(of: learnt))</span></li>
            """
    }

    /// What the device was found not to give, and what to change in its profile.
    private func sentences(of learnt: [LearntSnapshot]) -> HTML {
        let shown = learnt.prefix(Limits.pageLearntFacts).map { fact -> HTML in
            "<span class=\"sub\">\(fact.text)</span>"
        }
        let left = learnt.count - shown.count
        let more: HTML =
            left > 0 ? "<span class=\"sub\">and \(left) more: see /v1/status</span>" : ""
        return shown.joined() + more
    }

    private func signalTable(_ equipment: EquipmentSnapshot, isLarge: Bool) -> HTML {
        var shown = equipment.signals
        if isLarge {
            shown = Array(
                shown.filter { $0.content.quality != .good }.prefix(Limits.pageBadSignals))
        }
        let left = equipment.signals.count - shown.count
        let rest: HTML =
            left == 0
            ? ""
            : """
            <p class="rest">\(left) more signals: \
            <a href="/v1/equipment/\(equipment.id)">/v1/equipment/\(equipment.id)</a></p>
            """
        guard !shown.isEmpty else { return rest }
        return """
            <table class="signals"><thead><tr><th scope="col">Signal</th>\
            <th scope="col" class="num">Value</th><th scope="col">Unit</th>\
            <th scope="col">Quality</th>\
            <th scope="col" class="num">Age</th></tr></thead>
            <tbody>\(shown.map(signalRow).joined())</tbody></table>\(rest)
            """
    }

    private func signalRow(_ signal: SignalSnapshot) -> HTML {
        let unit = signal.signal.unit.map(PageWords.unit) ?? ""
        let value: HTML =
            signal.content.value.map { "\(Self.text($0))" } ?? "<span class=\"quiet\">–</span>"
        let age = signal.age.map(PageWords.span) ?? "never"
        return """
            <tr class="\(signal.content.quality.rawValue)">\
            <th scope="row">\(Self.breakable(signal.signal.name))</th>\
            <td class="num">\(value)</td><td class="unit">\(unit)</td>\
            <td>\(Self.quality(signal.content))</td>\
            <td class="num age">\(age)</td></tr>

            """
    }

    /// A name that may be broken where its parts meet, so that a narrow table keeps whole words.
    private static func breakable(_ name: String) -> HTML {
        var html = HTML.nothing
        var part = ""
        for character in name {
            part.append(character)
            if "/.-_".contains(character) {
                html += "\(part)<wbr>"
                part = ""
            }
        }
        return html + "\(part)"
    }

    private static func quality(_ content: Reading.Content) -> HTML {
        guard let reason = content.reason else { return "<span class=\"quiet\">good</span>" }
        var words = reason.word.split(separator: "-").joined(separator: " ")
        if case .refused(let exception) = reason { words += " (exception \(exception))" }
        return "<span class=\"gap\">\(content.quality.rawValue): \(words)</span>"
    }

    private static func text(_ value: Value) -> String {
        switch value {
        case .number(let number): PageWords.measured(number)
        case .integer(let integer): String(integer)
        case .unsigned(let unsigned): String(unsigned)
        case .boolean(let boolean): boolean ? "true" : "false"
        case .text(let text): String(text.prefix(40))
        }
    }
}

extension DeviceState {
    /// What the page says of it.
    var phrase: String {
        switch self {
        case .unknown: "not asked yet"
        case .answering: "answers"
        case .suspect: "misses polls"
        case .offline: "does not answer"
        case .refused: "refuses"
        }
    }
}
