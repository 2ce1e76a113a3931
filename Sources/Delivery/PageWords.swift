// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Glibc

/// How the status page says numbers: short, in units that people use, the same width for the same
/// size.
enum PageWords {
    /// `0.4 s`, `12 s`, `4 min`, `3 h 12 min`, `5 d 2 h`.
    static func span(_ duration: Duration) -> String {
        let milliseconds = max(0, duration.milliseconds)
        let seconds = milliseconds / 1_000
        switch seconds {
        case 0..<10: return "\(seconds).\(milliseconds / 100 % 10) s"
        case 10..<60: return "\(seconds) s"
        case 60..<3_600: return "\(seconds / 60) min"
        case 3_600..<172_800: return pair(seconds / 3_600, "h", seconds / 60 % 60, "min")
        default: return pair(seconds / 86_400, "d", seconds / 3_600 % 24, "h")
        }
    }

    private static func pair(
        _ large: Int64, _ unit: String, _ small: Int64, _ smallUnit: String
    ) -> String {
        "\(large) \(unit)" + (small == 0 ? "" : " \(small) \(smallUnit)")
    }

    /// How long ago `time` was; a clock that was set back makes it 0.
    static func span(since time: Timestamp, now: Timestamp) -> String {
        span(now.elapsed(since: time))
    }

    /// `512 B`, `4.3 MiB`.
    static func bytes(_ count: Int) -> String {
        var amount = Double(count)
        var unit = "B"
        for next in ["KiB", "MiB", "GiB", "TiB"] where amount >= 1_024 {
            amount /= 1_024
            unit = next
        }
        let decimals = unit == "B" || amount >= 100 ? 0 : 1
        return "\(number(amount, decimals: decimals)) \(unit)"
    }

    /// A whole number in groups of three: `5 500`.
    static func count(_ count: Int) -> String {
        let digits = Array(String(count.magnitude))
        var text = count < 0 ? "−" : ""
        for (index, digit) in digits.enumerated() {
            let rest = digits.count - index
            if index > 0, rest % 3 == 0 { text += thinSpace }
            text.append(digit)
        }
        return text
    }

    /// A measured value to six significant digits, which is more than any sensor has.
    static func measured(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return count(Int(value)) }
        let magnitude = abs(value)
        guard magnitude >= 1e-4, magnitude < 1e15 else { return "\(value)" }
        let whole = Int(log10(magnitude).rounded(.down)) + 1
        return number(value, decimals: max(0, min(6, 6 - whole)))
    }

    private static let spoken = [
        "Cel": "°C", "V.A{reactive}": "var", "kV.A{reactive}": "kvar",
        "kV.A.h{reactive}": "kvarh",
    ]

    /// A unit as people write it; UCUM's own code where that is the same.
    static func unit(_ code: String) -> String {
        spoken[code] ?? code.split(separator: ".").joined(separator: "·")
    }

    /// Up to so many decimals, without trailing zeros.
    private static func number(_ value: Double, decimals: Int) -> String {
        let scale = pow(10, Double(decimals))
        let rounded = (value * scale).rounded() / scale
        let whole = Int(rounded.magnitude.rounded(.down))
        let tail = "\(rounded.magnitude)".split(separator: ".").dropFirst().first ?? "0"
        let sign = rounded < 0 ? "−" : ""
        return sign + count(whole) + (tail == "0" || decimals == 0 ? "" : ".\(tail)")
    }

    private static let thinSpace = "\u{202F}"
}
