// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Quantities in the words that people use.
enum Wording {
    /// `1.5 KiB`, `812 MiB`: three digits at most.
    static func bytes(_ count: Int) -> String {
        var value = Double(count)
        var unit = "B"
        for larger in ["KiB", "MiB", "GiB", "TiB"] where value >= 1024 {
            value /= 1024
            unit = larger
        }
        return unit == "B" ? "\(count) B" : "\(decimal(value, places: value < 10 ? 1 : 0)) \(unit)"
    }

    /// `4m12s`, `61h`, `3d4h`: the two largest units.
    static func duration(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        if seconds < 1 {
            return "\(duration.components.attoseconds / 1_000_000_000_000_000)ms"
        }
        let parts: [(Int64, String)] = [
            (seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m"),
            (seconds % 60, "s"),
        ]
        let significant = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 != 0 }
        return significant.map { "\($0.0)\($0.1)" }.joined()
    }

    /// `45 min`, `61 h`, `14 d`: an estimate, in the unit that people think of it in.
    static func roughly(_ duration: Duration) -> String {
        let seconds = duration / .seconds(1)
        return switch seconds {
        case ..<120: "\(decimal(seconds, places: 0)) s"
        case ..<7_200: "\(decimal(seconds / 60, places: 0)) min"
        case ..<432_000: "\(decimal(seconds / 3_600, places: 0)) h"
        default: "\(decimal(seconds / 86_400, places: 0)) d"
        }
    }

    /// `12.3 ms`.
    static func milliseconds(_ duration: Duration) -> String {
        "\(decimal(duration.inMilliseconds, places: 1)) ms"
    }

    /// `33.1 %`, of a share.
    static func percent(_ share: Double) -> String { "\(decimal(share * 100, places: 1)) %" }

    /// Words in lines of at most 80 columns, each `indent` spaces from the left; a word that is
    /// longer has a line of its own.
    static func wrapped(_ text: String, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= 80 {
                lines[lines.count - 1] += " \(word)"
            } else {
                lines.append(margin + word)
            }
        }
        return lines
    }

    /// `value` rounded to a number of decimal places, without an exponent.
    static func decimal(_ value: Double, places: Int) -> String {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 9e15 else { return "\(value)" }
        let whole = Int64(scaled)
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard places > 0 else { return "\(sign)\(whole)" }
        let unit = Int64(scale)
        let fraction = String(whole % unit)
        let zeros = String(repeating: "0", count: places - fraction.count)
        return "\(sign)\(whole / unit).\(zeros)\(fraction)"
    }

    /// `1 device`, `3 devices`.
    static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : noun.hasSuffix("ch") ? "es" : "s")"
    }
}

extension Duration {
    /// In milliseconds, with their fractions.
    var inMilliseconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) * 1_000 + Double(attoseconds) / 1e15
    }
}
