// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Buffer
internal import Equipment

/// `batches export`.
struct BatchesExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Print batches by cursor or time, as NDJSON or CSV.",
        usage: "millpond batches export [<options>]",
        discussion: """
            millpond batches export > all.ndjson
            millpond batches export --after q7m2k9xd.9000 --through q7m2k9xd.9100
            millpond batches export --format csv --from 2026-11-20T00:00:00Z --to 2026-11-21T00:00:00Z
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument { case ndjson, csv }

    @OptionGroup var buffer: BufferOptions
    @Option(help: "ndjson or csv.") var format = Format.ndjson
    @Option(help: ArgumentHelp("Only what follows it.", valueName: "cursor")) var after: String?
    @Option(help: ArgumentHelp("The last batch.", valueName: "cursor")) var through: String?
    @Option(
        help: ArgumentHelp("Only batches with records of this time or later.", valueName: "time"))
    var from: String?
    @Option(
        help: ArgumentHelp("Only batches with records of this time or before.", valueName: "time"))
    var to: String?

    func run() throws {
        let buffer = try buffer.open()
        let selection = OfflineBuffer.Selection(
            after: try after.map { .after(try cursor($0, in: buffer)) } ?? .earliest,
            through: try through.map { try cursor($0, in: buffer).sequence }, times: try times)
        if format == .csv { Terminal.write(Array(Batch.csvHeader.utf8)) }
        try reporting {
            try buffer.items(in: selection) { item in
                var output: [UInt8] = []
                switch (format, item) {
                case (.ndjson, _): item.appendNDJSON(to: &output)
                case (.csv, .batch(let batch)): batch.appendCSV(to: &output)
                case (.csv, .lost(let range)):
                    // CSV has readings alone; what is missing is said beside it.
                    Terminal.say(
                        "lost: \(range.from) to \(range.to), "
                            + "\(Wording.count(range.records, "record")) (\(range.reason.rawValue))"
                    )
                case (.csv, .epoch): break
                }
                Terminal.write(output)
            }
        }
    }

    private var times: ClosedRange<Timestamp>? {
        get throws {
            guard from != nil || to != nil else { return nil }
            let first = try from.map(time) ?? Timestamp(milliseconds: .min)
            let last = try to.map(time) ?? Timestamp(milliseconds: .max)
            guard first <= last else { throw ValidationError("--from is after --to") }
            return first...last
        }
    }

    private func time(_ text: String) throws -> Timestamp {
        guard let time = Timestamp(rfc3339: text) else {
            throw ValidationError("\(text) is no time; one reads like 2026-11-20T01:03:53Z")
        }
        return time
    }

    private func cursor(_ text: String, in buffer: OfflineBuffer) throws -> Cursor {
        guard let cursor = Cursor(text) else {
            throw ValidationError("\(text) is no cursor; one reads like q7m2k9xd.9001")
        }
        guard cursor.epoch == buffer.epoch else {
            Terminal.say("this buffer's epoch is \(buffer.epoch.text), not \(cursor.epoch.text)")
            throw Sysexits.data
        }
        return cursor
    }
}
