// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Buffer
internal import Equipment

/// `batches list`.
struct BatchesList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the batches, oldest first.")

    @OptionGroup var buffer: BufferOptions
    @Flag(help: "Print NDJSON, an object for each batch.") var json = false

    func run() throws {
        let buffer = try buffer.open()
        var table = TextTable([
            ("CURSOR", .left), ("SEALED", .left), ("FIRST", .left), ("LAST", .left),
            ("RECORDS", .right), ("BYTES", .right),
        ])
        do {
            try buffer.list { batch in
                if json {
                    Terminal.print(batch.json)
                } else {
                    table.add([
                        "\(batch.cursor)", batch.sealed.rfc3339, batch.first.rfc3339,
                        batch.last.rfc3339, "\(batch.records)", "\(batch.bytes)",
                    ])
                }
                return true
            }
        } catch let error as BufferError {
            try reporting { () throws(BufferError) in throw error }
        }
        if !json {
            for line in table.lines { Terminal.print(line) }
        }
    }
}

extension OfflineBuffer.Listed {
    fileprivate var json: String {
        var json = JSONText()
        json.object { json in
            json.member("cursor", cursor)
            json.member("sealed", sealed)
            json.member("first", first)
            json.member("last", last)
            json.member("records", records)
            json.member("readings", readings)
            json.member("bytes", bytes)
        }
        return json.text
    }
}
