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
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
        let buffer = try buffer.open()
        var batches: [OfflineBuffer.Listed] = []
        try reporting {
            try buffer.list { batch in
                batches.append(batch)
                return true
            }
        }
        if json { return Terminal.print(document(batches)) }
        var table = TextTable([
            ("CURSOR", .left), ("SEALED", .left), ("FIRST", .left), ("LAST", .left),
            ("RECORDS", .right), ("BYTES", .right),
        ])
        for batch in batches {
            table.add([
                "\(batch.cursor)", batch.sealed.rfc3339, batch.first.rfc3339, batch.last.rfc3339,
                "\(batch.records)", "\(batch.bytes)",
            ])
        }
        for line in table.lines { Terminal.print(line) }
    }

    private func document(_ batches: [OfflineBuffer.Listed]) -> String {
        var json = JSONText()
        json.object { json in
            json.array("batches") { json in
                for batch in batches { json.object { batch.write(to: &$0) } }
            }
        }
        return json.text
    }
}

extension OfflineBuffer.Listed {
    fileprivate func write(to json: inout JSONText) {
        json.member("cursor", cursor)
        json.member("sealed", sealed)
        json.member("first", first)
        json.member("last", last)
        json.member("records", records)
        json.member("readings", readings)
        json.member("bytes", bytes)
    }
}
