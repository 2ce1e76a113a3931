// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Turns numbers from the unit a machine is modelled in to the one a profile speaks, both UCUM.
///
/// Only the simulator converts: the gateway publishes what the device says.
enum UnitConversion {
    /// What a unit measures, and how many of the smallest sensible unit it is.
    private static let sizes: [String: (kind: Character, size: Double)] = [
        "W": ("P", 1), "kW": ("P", 1e3), "MW": ("P", 1e6), "V.A": ("P", 1), "kV.A": ("P", 1e3),
        "W.h": ("E", 1), "kW.h": ("E", 1e3), "MW.h": ("E", 1e6), "V.A.h": ("E", 1),
        "kV.A.h": ("E", 1e3), "V": ("U", 1), "mV": ("U", 1e-3), "kV": ("U", 1e3),
        "A": ("I", 1), "mA": ("I", 1e-3), "Hz": ("f", 1), "/s": ("f", 1), "/min": ("f", 1.0 / 60),
        "mm/s": ("v", 1), "m/s": ("v", 1e3), "[in_i]/s": ("v", 25.4), "m/s2": ("a", 1),
        "[g]": ("a", 9.80665), "mm/s2": ("a", 1e-3), "um": ("l", 1e-6), "mm": ("l", 1e-3),
        "s": ("t", 1), "min": ("t", 60), "h": ("t", 3_600), "d": ("t", 86_400),
        "%": ("r", 0.01), "1": ("r", 1), "N.m": ("M", 1), "kN.m": ("M", 1e3),
    ]

    /// `number` in `unit`; unchanged where either unit is unknown or they measure other things.
    static func convert(_ number: Double, from modelled: String, to unit: String?) -> Double {
        guard let unit = unit.map(bare), unit != modelled else { return number }
        if modelled == "Cel" {
            return switch unit {
            case "[degF]": number * 1.8 + 32
            case "K": number + 273.15
            default: number
            }
        }
        guard let from = sizes[modelled], let to = sizes[unit], from.kind == to.kind else {
            return number
        }
        return number * from.size / to.size
    }

    /// Without annotations, which UCUM gives no meaning: `V.A{reactive}`, `{rev}/min`.
    static func bare(_ unit: String) -> String {
        var depth = 0
        var bare = ""
        for character in unit {
            if character == "{" { depth += 1 }
            if depth == 0 { bare.append(character) }
            if character == "}" { depth -= 1 }
        }
        return bare.isEmpty ? "1" : bare
    }
}
