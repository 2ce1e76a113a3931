// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
package import Equipment
internal import Modbus
internal import Plant

/// A profile of an unknown device, written from what was seen of it: every line a guess that says
/// so, and why; and a capture of what was seen, to hold the profile against once it is mended.
package struct Draft: Sendable {
    /// Where it was seen, as text for the head.
    package var place: String
    /// When its registers were read for the last time.
    package var time: Timestamp
    /// What the device said of itself.
    package var description: SelfDescription
    /// One for each table that was asked.
    package var surveys: [RegisterSurvey]
    /// What stood in its registers.
    package let runs: [SampledRun]
    /// What they seem to hold.
    package let guesses: SignalGuesses
    /// From the first to the last sample.
    package var span: Duration

    /// All that is known.
    package init(
        place: String, time: Timestamp, description: SelfDescription, surveys: [RegisterSurvey],
        runs: [SampledRun], span: Duration
    ) {
        self.place = place
        self.time = time
        self.description = description
        self.surveys = surveys
        self.runs = runs
        guesses = SignalGuesses(runs)
        self.span = span
    }

    /// The vendor as the device said it, else `unknown`.
    package var vendor: String { description.identification?.text(of: 0) ?? "unknown" }

    /// The product as the device said it, else `unknown`.
    package var model: String {
        let said = description.identification
        return [4, 1, 5].lazy.compactMap { said?.text(of: $0) }.first ?? "unknown"
    }

    /// Whether there is anything to read; a profile without a signal is none.
    package var isWorthWriting: Bool { guesses.signals.contains { $0.isWorthReading } }

    /// The text of `profile.yaml`.
    package var text: String {
        var lines = head
        lines.append("vendor: \(Self.quoted(vendor))")
        lines.append("model: \(Self.quoted(model))")
        lines.append("source: \(Self.quoted("guessed from samples of \(place)"))")
        lines += ["", "modbus:", "  order: \(guesses.order.rawValue)  # \(orderReason)"]
        let largest = surveys.map(\.largest).max() ?? 0
        lines.append("  max-registers: \(max(largest, 1))  # the most that it was seen to answer")
        lines.append("  every: 10s")
        lines += identity
        lines += ["", "signals:"]
        lines += signalLines
        return lines.joined(separator: "\n") + "\n"
    }
}

extension Draft {
    private var head: [String] {
        let samples = guesses.signals.first?.values.count ?? 0
        let seconds = span.components.seconds
        let said = ["vendor", "product", "revision"].indices.compactMap { index in
            description.identification?.text(of: UInt8(index))
        }
        var lines = [
            "# A DRAFT, not a profile to trust: written by `millpond scan --draft`",
            "# \(time.rfc3339), from \(place).",
            "# Types and orders are guessed from \(samples) samples over \(seconds) s. To go on:",
            "# 1. Hold every line against the maker's list and the device's own display; give it its",
            "#    name, unit, scale, role and range, and take away what means nothing.",
            "# 2. Name the values in capture.yaml alike, and write there what the display showed.",
            "# 3. `millpond profile test --devices FOLDER VENDOR/MODEL` tells where the two differ.",
            "# 4. Put both files into a folder of profiles, and take this head away.",
        ]
        if !said.isEmpty { lines.append("# It says of itself: \(said.joined(separator: ", ")).") }
        for survey in surveys {
            let runs = survey.runs.map(Self.span).joined(separator: ", ")
            lines.append(
                "# \(survey.table.rawValue): \(survey.requests) requests; "
                    + (runs.isEmpty ? "nothing found" : "found \(runs)") + Self.words(survey.end))
            if !survey.unknown.isEmpty, survey.end != .noTable {
                let left = survey.unknown.reduce(0) { $0 + $1.count }
                lines.append("#   \(left) addresses were not asked to the end")
            }
        }
        return lines
    }

    private static func words(_ end: RegisterSurvey.End?) -> String {
        switch end {
        case .noTable: "; it has no such table (exception 1)"
        case .budget: "; then the limit of requests was reached"
        case .silence: "; then it stopped answering"
        case .complete, nil: ""
        }
    }

    private var orderReason: String {
        guesses.witnesses == 0
            ? "nothing of two registers was seen: any order would do"
            : "guess: it explains \(guesses.witnesses) values of several registers best"
    }

    private var identity: [String] {
        guard let said = description.identification else { return [] }
        let product = [4, 1, 5].lazy.compactMap { said.text(of: $0) }.first
        guard let product else { return [] }
        let vendor = said.text(of: 0).map { "vendor: \(Self.quoted($0)), " } ?? ""
        return [
            "", "# What it said to Read Device Identification.",
            "identity: { \(vendor)product: \(Self.quoted(product)) }",
        ]
    }

    func name(of guess: SignalGuess) -> String { "\(guess.table.rawValue)-\(guess.address)" }

    private func lines(of guess: SignalGuess) -> [String] {
        let layout = guess.layout
        var fields = ["at: \(guess.address)", "table: \(guess.table.rawValue)"]
        fields.append("type: \(layout.encoding.rawValue)")
        if layout.width == 1, guesses.order != .abcd, layout.order == .abcd,
            layout.encoding != .string
        {
            fields.append("order: ABCD")
        }
        if layout.encoding.widths != nil { fields.append("registers: \(layout.width)") }
        let certainty = guess.isLikely ? "likely" : "perhaps"
        return [
            "  # \(certainty): \(guess.reasonText); \(Self.shown(guess))",
            "  \(name(of: guess)): { \(fields.joined(separator: ", ")) }",
        ]
    }

    /// In the order of the addresses; what only reads 0 is a comment.
    private var signalLines: [String] {
        var lines: [String] = []
        var rest = guesses.signals[...]
        while let first = rest.first {
            guard !first.isWorthReading else {
                lines += self.lines(of: first)
                rest = rest.dropFirst()
                continue
            }
            let zeros = rest.enumerated().prefix { offset, guess in
                !guess.isWorthReading && guess.table == first.table
                    && guess.address == first.address + offset
            }
            let extent = first.address..<first.address + zeros.count
            lines.append(
                "  # \(Self.span(extent)) read 0 throughout: unused, or nothing to say for now")
            rest = rest.dropFirst(zeros.count)
        }
        return lines
    }

    private static func span(_ range: Range<Int>) -> String {
        range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)–\(range.upperBound - 1)"
    }

    private static func shown(_ guess: SignalGuess) -> String {
        let texts = guess.values.map { text(of: $0, guess.layout.encoding) }
        guard let first = texts.first, let last = texts.last else { return "" }
        return Set(texts).count == 1 ? "always \(first)" : "\(first) … \(last)"
    }

    /// A float32 with the digits that it has.
    static func text(of value: Value?, _ encoding: RegisterLayout.Encoding) -> String {
        switch value {
        case nil: "nothing"
        case .number(let number) where encoding == .float32: "\(Float(number))"
        case .some(let value): DeviceText.printable(Array(value.text.utf8))
        }
    }

    /// A JSON string is a YAML one.
    static func quoted(_ text: String) -> String {
        var json = JSONText()
        json.element(text)
        return json.text
    }
}
