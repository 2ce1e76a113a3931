// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

extension Field {
    /// A duration such as `500ms`, `10s`, `5m`, `24h` or `14d`, within `bounds`.
    package func duration(in bounds: ClosedRange<Duration>) -> Duration? {
        guard let (text, _) = scalar() else { return nil }
        guard let duration = Duration(setting: text) else {
            mistake(
                "\(subject) must be a duration such as 500ms, 10s, 5m, 24h or 14d, "
                    + "not \(Self.quote(text))",
                suggestion: Duration.meant(by: text))
            return nil
        }
        guard bounds.contains(duration) else {
            mistake(
                "\(subject) must be \(bounds.lowerBound.setting) to "
                    + "\(bounds.upperBound.setting), not \(text)")
            return nil
        }
        return duration
    }

    /// A size such as `512 MiB` or `2 GiB`, in bytes, within `bounds`.
    package func size(in bounds: ClosedRange<Int>) -> Int? {
        guard let (text, _) = scalar() else { return nil }
        guard let size = ByteSize.bytes(text) else {
            mistake(
                "\(subject) must be a size such as 512 MiB or 2 GiB, not \(Self.quote(text))",
                suggestion: ByteSize.meant(by: text))
            return nil
        }
        guard bounds.contains(size) else {
            mistake(
                "\(subject) must be \(ByteSize.text(bounds.lowerBound)) to "
                    + "\(ByteSize.text(bounds.upperBound)), not \(text)")
            return nil
        }
        return size
    }
}

extension Duration {
    private static let units: [(name: String, milliseconds: Int)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// A whole number and `ms`, `s`, `m`, `h` or `d`, as settings write it; `nil` if it is none.
    package init?(setting text: String) {
        let unit = String(text.drop { ("0"..."9").contains($0) })
        guard let factor = Self.units.first(where: { $0.name == unit })?.milliseconds,
            let count = Field.unsigned(String(text.dropLast(unit.count))),
            let milliseconds = Int64(exactly: count)?.multipliedReportingOverflow(
                by: Int64(factor)),
            !milliseconds.overflow, !text.hasPrefix("0x")
        else { return nil }
        self = .milliseconds(milliseconds.partialValue)
    }

    /// The shortest setting that means this duration, cut to milliseconds; one day is `24h`, as
    /// people say.
    package var setting: String {
        let (seconds, attoseconds) = components
        guard abs(seconds) < .max / 1_000 else { return "\(seconds)s" }
        let milliseconds = Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
        let unit =
            Self.units.first {
                milliseconds != 0 && milliseconds % $0.milliseconds == 0
                    && ($0.name != "d" || milliseconds > $0.milliseconds)
            }
            ?? ("s", 1_000)
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }

    /// The setting that somebody meant who wrote `10`, `1.5s`, `10 sec` or `5min`.
    fileprivate static func meant(by text: String) -> String? {
        let number = text.prefix { "0123456789.".contains($0) }
        let word = text.dropFirst(number.count).drop { $0 == " " }.lowercased()
        let factor: Double? =
            switch word {
            case "", "s", "sec", "secs", "second", "seconds": 1_000
            case "ms", "msec", "millis", "milliseconds": 1
            case "m", "min", "mins", "minute", "minutes": 60_000
            case "h", "hr", "hrs", "hour", "hours": 3_600_000
            case "d", "day", "days": 86_400_000
            default: nil
            }
        guard let factor, let value = Double(number), value * factor < 1e15 else { return nil }
        return Duration.milliseconds(Int64((value * factor).rounded())).setting
    }
}

/// Sizes as settings write them: a whole number of binary units.
package enum ByteSize {
    private static let units: [(name: String, bytes: Int)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
    ]

    /// The bytes of `512 MiB` or `2GiB`; `nil` if it is no size.
    package static func bytes(_ text: String) -> Int? {
        guard let unit = units.first(where: { text.hasSuffix($0.name) }) else { return nil }
        var digits = text.dropLast(unit.name.count)
        if digits.last == " " { digits = digits.dropLast() }
        guard !digits.hasPrefix("0x"), let count = Field.unsigned(String(digits)),
            let bytes = Int(exactly: count)?.multipliedReportingOverflow(by: unit.bytes),
            !bytes.overflow
        else { return nil }
        return bytes.partialValue
    }

    /// The shortest exact size, such as `2 GiB`; bytes if it is none.
    package static func text(_ bytes: Int) -> String {
        guard let unit = units.first(where: { bytes != 0 && bytes % $0.bytes == 0 }) else {
            return "\(bytes) bytes"
        }
        return "\(bytes / unit.bytes) \(unit.name)"
    }

    /// The size that somebody meant who wrote `2GB`, `512M` or `2 gib`.
    fileprivate static func meant(by text: String) -> String? {
        let number = text.prefix { ("0"..."9").contains($0) }
        guard let count = Int(number) else { return nil }
        let unit: String? =
            switch text.dropFirst(number.count).drop(while: { $0 == " " }).lowercased() {
            case "k", "kb", "kib": "KiB"
            case "m", "mb", "mib": "MiB"
            case "g", "gb", "gib": "GiB"
            case "t", "tb", "tib": "TiB"
            default: nil
            }
        return unit.map { "\(count) \($0)" }.flatMap { bytes($0) == nil ? nil : $0 }
    }
}
