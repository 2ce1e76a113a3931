// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// One line for each machine, the worst first.
extension StatusPage {
    var overview: HTML {
        guard !plant.isEmpty else { return .nothing }
        let order = plant.enumerated().sorted {
            (Standing($0.element.health), $0.offset) < (Standing($1.element.health), $1.offset)
        }
        return """
            <section><h2>Machines</h2>
            <table class="machines"><thead><tr><th scope="col">Health</th>\
            <th scope="col">Machine</th><th scope="col">Why, and what to do</th>\
            <th scope="col">Data</th><th scope="col" class="num">Index</th></tr></thead>
            <tbody>\(order.map { row($0.element) }.joined())</tbody></table></section>
            """
    }

    private func row(_ equipment: EquipmentSnapshot) -> HTML {
        let standing = Standing(equipment.health)
        let index: HTML = equipment.health.index.map { "\($0)" } ?? "<span class=\"quiet\">–</span>"
        return """
            <tr class="\(standing.style)"><td>\(standing.badge)</td>\
            <th scope="row"><a href="#\(equipment.id)">\(equipment.label ?? equipment.id)</a>\
            \(Self.place(equipment))</th>\
            <td class="why">\(why(equipment))</td><td class="data">\(data(equipment))</td>\
            <td class="num" data-label="Index">\(index)</td></tr>

            """
    }

    /// The id where the label hides it, and the area.
    static func place(_ equipment: EquipmentSnapshot) -> HTML {
        let parts = [equipment.label == nil ? nil : equipment.id, equipment.area].compactMap { $0 }
        guard !parts.isEmpty else { return .nothing }
        return "<span class=\"sub\">\(parts.joined(separator: " · "))</span>"
    }

    private func why(_ equipment: EquipmentSnapshot) -> HTML {
        let telling = equipment.health.conditions.filter {
            $0.state == .active || $0.state == .clearing
        }
        if equipment.health.status == nil, telling.isEmpty {
            return "<p>Its signals are missing: nobody can tell how it is.</p>\(silent(equipment))"
        }
        let worst = telling.sorted { $0.status.rank > $1.status.rank }
        let shown = worst.prefix(2).map { condition -> HTML in
            let action: HTML = condition.action.map { " <span class=\"do\">→ \($0)</span>" } ?? ""
            return "<p>\(condition.text)\(action)</p>"
        }
        let more: HTML =
            worst.count > 2 ? "<p class=\"quiet\">and \(worst.count - 2) more</p>" : ""
        return shown.joined() + more
    }

    /// The devices that withhold the data, by name.
    private func silent(_ equipment: EquipmentSnapshot) -> HTML {
        let silent = equipment.devices.filter { $0.state != .answering }
        guard !silent.isEmpty else { return .nothing }
        let names = silent.map { "\($0.device) \($0.state.phrase)" }.joined(separator: ", ")
        return "<p class=\"do\">→ \(names)</p>"
    }

    private func data(_ equipment: EquipmentSnapshot) -> HTML {
        let answering = equipment.devices.count { $0.state == .answering }
        let all = equipment.devices.count
        let isWhole = answering == all
        let text = isWhole ? "\(all) of \(all) answer" : "\(answering) of \(all) answer"
        return isWhole
            ? "<span class=\"quiet\">\(text)</span>"
            : "<span class=\"gap\">\(Standing.unknown.symbol)\(text)</span>"
    }
}

extension HTML {
    static func + (left: HTML, right: HTML) -> HTML {
        "\(left)\(right)"
    }
}
