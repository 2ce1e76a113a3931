// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Buffer

/// `batches show`.
struct BatchesShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print one batch: its line and its records, as NDJSON.",
        usage: "millpond batches show <cursor> [<options>]")

    @Argument(help: ArgumentHelp("The batch.", valueName: "cursor")) var cursor: String
    @OptionGroup var buffer: BufferOptions
    @Flag(help: "Print one JSON object.") var json = false

    func validate() throws { _ = try place }

    private var place: Cursor {
        get throws {
            guard let place = Cursor(cursor) else {
                throw ValidationError("\(cursor) is no cursor; one reads like q7m2k9xd.9001")
            }
            return place
        }
    }

    func run() throws {
        let place = try place
        let buffer = try buffer.open()
        try buffer.expect(place)
        guard
            let batch = try reporting({ try buffer.batch(at: place) })
        else {
            let isThere = try reporting { try buffer.isThere(place) }
            Terminal.say(
                isThere
                    ? "\(cursor) is damaged; `millpond batches verify` says how, and `millpond run` tells "
                        + "of it as lost"
                    : "the buffer holds no batch \(cursor); see `millpond batches list`")
            throw Sysexits.data
        }
        var output: [UInt8] = []
        if json {
            batch.appendJSON(to: &output)
            output.append(UInt8(ascii: "\n"))
        } else {
            batch.appendNDJSON(to: &output)
        }
        Terminal.write(output)
    }
}
