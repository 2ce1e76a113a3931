// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// How a machine stands, as the status page shows it: its NE 107 status, or that nobody knows.
/// In the order in which an operator wants to read them.
enum Standing: Int, CaseIterable, Comparable {
    case failure, checkFunction, offSpec, unknown, maintenanceRequired, normal

    init(_ health: HealthSnapshot) {
        switch health.status {
        case .failure: self = .failure
        case .checkFunction: self = .checkFunction
        case .offSpec: self = .offSpec
        case .maintenanceRequired: self = .maintenanceRequired
        case .normal: self = .normal
        case nil: self = .unknown
        }
    }

    init(_ status: HealthStatus) {
        self.init(
            HealthSnapshot(status: status, flags: [], index: nil, coverage: 1, conditions: []))
    }

    static func < (left: Standing, right: Standing) -> Bool {
        left.rawValue < right.rawValue
    }

    var word: String {
        switch self {
        case .failure: "Failure"
        case .checkFunction: "Check function"
        case .offSpec: "Off-spec"
        case .unknown: "Unknown"
        case .maintenanceRequired: "Maintenance required"
        case .normal: "Normal"
        }
    }

    /// The class of its colours, and the name of its symbol.
    var style: String {
        switch self {
        case .failure: "f"
        case .checkFunction: "c"
        case .offSpec: "s"
        case .unknown: "u"
        case .maintenanceRequired: "m"
        case .normal: "n"
        }
    }

    /// Shape, colour and word together: nobody has to tell colours apart.
    var badge: HTML {
        "<span class=\"badge \(style)\">\(symbol)\(word)</span>"
    }

    var symbol: HTML {
        "<svg class=\"i \(style)\" aria-hidden=\"true\"><use href=\"#\(style)\"/></svg>"
    }

    /// The symbols, drawn once and used by name; of NE 107's shapes where a glance can tell them.
    static let symbols: HTML = """
        <svg width="0" height="0" aria-hidden="true"><defs>
        <symbol id="f" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7.5"/>\
        <path class="k" d="M5 5l6 6M11 5l-6 6"/></symbol>
        <symbol id="c" viewBox="0 0 16 16"><path d="M.3 1.5h15.4L8 15.5z"/>\
        <path class="k" d="M8 4v4M8 10v.6"/></symbol>
        <symbol id="s" viewBox="0 0 16 16"><path d="M8 .5l7.7 14H.3z"/>\
        <path class="k" d="M8 5.5v4M8 11.8v.6"/></symbol>
        <symbol id="m" viewBox="0 0 16 16"><path d="M8 .2L15.8 8 8 15.8.2 8z"/>\
        <path class="k" d="M5 8h6"/></symbol>
        <symbol id="n" viewBox="0 0 16 16"><circle class="o" cx="8" cy="8" r="6.9"/>\
        <path class="l" d="M4.8 8.3l2.3 2.3 4.2-4.8"/></symbol>
        <symbol id="u" viewBox="0 0 16 16"><circle class="o d" cx="8" cy="8" r="6.9"/>\
        <path class="l" d="M6 6.2a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.3M8 11.4v.6"/></symbol>
        </defs></svg>
        """
}
