// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Metrics in Prometheus' text format, version 0.0.4: one family after the other, each with its
/// help, its type and its samples. Base units; a counter's name ends in `_total`.
struct MetricsText {
    static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String { case counter, gauge, summary }

    typealias Labels = KeyValuePairs<StaticString, String>

    private(set) var bytes: [UInt8] = []

    /// The samples of one family.
    struct Family {
        fileprivate let name: String
        fileprivate var lines = ""

        /// A sample; nothing is written where there is no value.
        mutating func sample(_ value: Double?, _ labels: Labels = [:], suffix: String = "") {
            guard let value else { return }
            lines += "millpond_\(name)\(suffix)"
            if !labels.isEmpty {
                let pairs = labels.map { "\($0)=\"\(Self.escaped($1))\"" }
                lines += "{\(pairs.joined(separator: ","))}"
            }
            lines += " \(Self.text(value))\n"
        }

        mutating func sample(_ count: Int, _ labels: Labels = [:]) {
            sample(Double(count), labels)
        }

        /// Within a label's quotes, three characters have escapes.
        private static func escaped(_ text: String) -> String {
            guard text.contains(where: { "\\\"\n".contains($0) }) else { return text }
            return text.reduce(into: "") { escaped, character in
                switch character {
                case "\\": escaped += "\\\\"
                case "\"": escaped += "\\\""
                case "\n": escaped += "\\n"
                default: escaped.append(character)
                }
            }
        }

        /// Counts as whole numbers, all else as short as Swift says it.
        private static func text(_ value: Double) -> String {
            value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
        }
    }

    /// Writes a family, unless it has no samples.
    mutating func family(
        _ name: String, _ kind: Kind, _ help: String, _ samples: (inout Family) -> Void
    ) {
        var family = Family(name: name)
        samples(&family)
        guard !family.lines.isEmpty else { return }
        bytes += "# HELP millpond_\(name) \(help)\n".utf8
        bytes += "# TYPE millpond_\(name) \(kind.rawValue)\n".utf8
        bytes += family.lines.utf8
    }
}
