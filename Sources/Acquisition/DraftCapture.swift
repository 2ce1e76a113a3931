// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Modbus
internal import Plant

// The words are true, the values are as good as the guesses: they stand there to be mended.
extension Draft {
    /// Words in a line of a capture.
    private static let wordsOfLine = 8

    /// The text of `capture.yaml`: the last sample, and what the profile of `text` makes of it.
    package var capture: String {
        var lines = [
            "# A DRAFT, as the profile beside it is: these registers were read from the device, but the",
            "# values are only what the guessed profile makes of them. Write in their place what the",
            "# device's own display or the maker's software showed at \(time.rfc3339).",
            "source: \(Self.quoted("read from \(place) at \(time.rfc3339)"))",
            "cases:", "  - name: \(Self.quoted("sampled at \(time.rfc3339)"))", "    registers:",
        ]
        for survey in surveys {
            let held = runs.filter { $0.table == survey.table }
            if held.isEmpty { continue }
            lines.append("      \(survey.table.rawValue):")
            lines += held.flatMap(Self.lines)
        }
        lines.append("    values:")
        for guess in guesses.signals where guess.isWorthReading {
            lines.append("      \(name(of: guess)): \(Self.expectation(guess))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(of run: SampledRun) -> [String] {
        guard let words = run.samples.last else { return [] }
        return stride(from: 0, to: words.count, by: wordsOfLine).map { place in
            let part = words[place..<min(place + wordsOfLine, words.count)]
            let shown = part.map { run.table.holdsBits ? "\($0)" : WordSyntax.hex(Int($0)) }
            return "        \(run.start + place): [\(shown.joined(separator: ", "))]"
        }
    }

    /// What the last sample says; words that are no value of the type are one out of range.
    private static func expectation(_ guess: SignalGuess) -> String {
        switch guess.values.last ?? nil {
        case nil: "{ bad: out-of-range }"
        case .text(let text): quoted(text)
        case .some(let value): text(of: value, guess.layout.encoding)
        }
    }
}
