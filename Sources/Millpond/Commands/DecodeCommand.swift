// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import ArgumentParser
internal import Buffer

/// `decode`: what given registers could mean, offline.
struct DecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Show everything that given registers could mean, offline.",
        discussion: """
            millpond decode 0x4366 0x8000
            millpond decode 17254 -32768
            millpond decode 0x4366 0x8000 --json | jq .interpretations

            Words are 0x hexadecimal, decimal or negative. Orders are named by the bytes of a 32-bit \
            value as they are sent: CDAB has the low register first. A * marks what a device that \
            measures something is likely to hold.
            """)

    @Argument(
        parsing: .allUnrecognized,
        help: ArgumentHelp("Registers in the order of their addresses.", valueName: "word"))
    var words: [String] = []
    @Flag(help: "Print one JSON object with every interpretation.") var json = false

    func validate() throws {
        _ = try read()
    }

    func run() throws {
        let words = try read()
        if json {
            Terminal.print(Self.document(words))
            return
        }
        for (place, width) in Self.windows(words.count) {
            let part = words[place..<place + width]
            let shown = part.map { "\(InterpretationText.hex($0)) (\($0))" }
            Terminal.print(Self.title(shown, place: place))
            for line in InterpretationText.table(Interpretation.all(of: part)) {
                Terminal.print(line)
            }
            Terminal.print("")
        }
    }

    private func read() throws -> [UInt16] {
        let written = words.filter { $0 != "--" }
        guard !written.isEmpty else {
            throw ValidationError("give one word or more, as millpond decode 0x4366 0x8000")
        }
        do throws(WordSyntax.Failure) {
            return try WordSyntax.words(written)
        } catch {
            throw ValidationError(error.reason)
        }
    }

    /// All words together, then pairs and single words where there are more.
    private static func windows(_ count: Int) -> [(place: Int, width: Int)] {
        var windows = [(0, count)]
        if count > 2 {
            windows += stride(from: 0, through: count - 2, by: 2).map { ($0, 2) }
        }
        if count > 1 { windows += (0..<count).map { ($0, 1) } }
        return windows
    }

    /// At most four words are spelt out.
    private static func title(_ shown: [String], place: Int) -> String {
        let last = place + shown.count
        let name =
            shown.count == 1 ? "word \(place + 1)" : "words \(place + 1)–\(last)"
        return "\(name): \(shown.prefix(4).joined(separator: " "))"
            + (shown.count > 4 ? " …" : "")
    }

    private static func document(_ words: [UInt16]) -> String {
        var json = JSONText()
        json.object { json in
            json.array("words") { json in for word in words { json.element(Int(word)) } }
            json.array("interpretations") { json in
                for (place, width) in windows(words.count) {
                    for each in Interpretation.all(of: words[place..<place + width]) {
                        json.object { each.write(to: &$0, at: place) }
                    }
                }
            }
        }
        return json.text
    }
}
