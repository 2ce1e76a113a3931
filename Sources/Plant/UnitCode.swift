// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Settings

/// Codes of The Unified Code for Units of Measure (UCUM), case-sensitive.
enum UnitCode {
    static let limit = 32

    /// Whether `text` could be a code: the printable ASCII that UCUM uses, brackets in pairs.
    ///
    /// The table of all units is not held here: plants invent annotations, and nothing is
    /// converted.
    static func isPlausible(_ text: String) -> Bool {
        guard (1...limit).contains(text.utf8.count) else { return false }
        let marks = "%*./[]{}()'\"^_+-".utf8
        let closing: [UInt8: UInt8] = [
            UInt8(ascii: "["): UInt8(ascii: "]"), UInt8(ascii: "{"): UInt8(ascii: "}"),
            UInt8(ascii: "("): UInt8(ascii: ")"),
        ]
        var open: [UInt8] = []
        for byte in text.utf8 {
            let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            let inAnnotation = open.last == UInt8(ascii: "}")
            guard
                isLetter || isDigit || marks.contains(byte)
                    || inAnnotation && byte > 0x20 && byte < 0x7F
            else { return false }
            if byte == open.last {
                open.removeLast()
            } else if let close = closing[byte], !inAnnotation {
                open.append(close)
            } else if closing.values.contains(byte) {
                return false
            }
        }
        return open.isEmpty
    }

    /// The code for what people usually write; `nil` if the text is none of that.
    static func meant(by text: String) -> String? {
        let solid = text.filter { $0 != " " }
        return usual[solid] ?? usual[solid.lowercased()]
    }

    /// C and F are the coulomb and the farad; who means them writes A.s and A.s/V.
    private static let usual: [String: String] = [
        "°C": "Cel", "°c": "Cel", "ºC": "Cel", "℃": "Cel", "C": "Cel", "degC": "Cel", "degc": "Cel",
        "celsius": "Cel", "cel": "Cel", "CEL": "Cel", "°F": "[degF]", "°f": "[degF]", "F": "[degF]",
        "degF": "[degF]", "degf": "[degF]", "°": "deg",
        "rpm": "/min", "r/min": "/min", "rev/min": "/min", "min-1": "/min", "u/min": "/min",
        "1/s": "/s",
        "Wh": "W.h", "kWh": "kW.h", "kwh": "kW.h", "MWh": "MW.h", "GWh": "GW.h", "kw": "kW",
        "W*h": "W.h", "kW*h": "kW.h", "kWh/h": "kW",
        "VA": "V.A", "va": "V.A", "kVA": "kV.A", "kva": "kV.A", "MVA": "MV.A",
        "VAh": "V.A.h", "kVAh": "kV.A.h",
        "var": "V.A{reactive}", "kvar": "kV.A{reactive}", "Mvar": "MV.A{reactive}",
        "varh": "V.A.h{reactive}", "kvarh": "kV.A.h{reactive}",
        "hz": "Hz", "khz": "kHz", "volt": "V", "volts": "V", "v": "V", "amp": "A", "amps": "A",
        "ampere": "A", "watt": "W", "watts": "W", "w": "W",
        "Ω": "Ohm", "ohm": "Ohm", "kΩ": "kOhm", "MΩ": "MOhm", "kohm": "kOhm",
        "µm": "um", "μm": "um", "µA": "uA", "μA": "uA", "µs": "us", "μs": "us",
        "m³": "m3", "m^3": "m3", "m³/h": "m3/h", "m^3/h": "m3/h", "m3/hr": "m3/h",
        "Nm³/h": "m3/h{normal}", "Nm3/h": "m3/h{normal}", "m²": "m2", "m/s²": "m/s2",
        "m/s^2": "m/s2", "mm²/s": "mm2/s", "l/h": "L/h", "lpm": "L/min",
        "nm": "N.m", "Nm": "N.m", "kNm": "kN.m", "N·m": "N.m",
        "psi": "[psi]", "ppm": "[ppm]", "pH": "[pH]", "ph": "[pH]", "mmHg": "mm[Hg]",
        "mmhg": "mm[Hg]", "inHg": "[in_i'Hg]", "in": "[in_i]", "inch": "[in_i]",
        "in/s": "[in_i]/s", "ips": "[in_i]/s", "ft": "[ft_i]", "cfm": "[cft_i]/min",
        "gpm": "[gal_us]/min", "hp": "[HP]", "grav": "[g]", "gn": "[g]",
        "mbar": "mbar", "Bar": "bar", "kpa": "kPa", "mpa": "MPa", "pa": "Pa",
        "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "sec": "s", "secs": "s", "seconds": "s",
        "mins": "min", "minutes": "min", "day": "d", "days": "d",
        "percent": "%", "pct": "%", "%rh": "%", "%RH": "%",
        "pcs": "1", "count": "1", "counts": "1", "-": "1", "none": "1",
    ]
}

extension Field {
    /// A UCUM code.
    func unitCode() -> String? {
        guard let text = text() else { return nil }
        let meant = UnitCode.meant(by: text)
        if meant == nil || meant == text, UnitCode.isPlausible(text) { return text }
        mistake("\(Field.quote(text)) is no UCUM code for a unit", suggestion: meant)
        return nil
    }
}
