// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Buffer
internal import Equipment
internal import Settings

/// `batches export`.
struct BatchesExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print batches by cursor or time, as NDJSON or CSV, or drop them into a folder.",
        usage: "millpond batches export [<options>]",
        discussion: """
            millpond batches export > all.ndjson
            millpond batches export --after q7m2k9xd.9000 --through q7m2k9xd.9100
            millpond batches export --format csv --from 2026-11-20T06:00:00Z > shift.csv
            millpond batches export --into /media/stick

            With --into, what is new since the last export into that folder is written there as
            sealed files, for a data diode or a stick: NDJSON, a manifest beside each, and sums
            for `sha256sum -c *.sha256`. On the far side, `millpond batches verify FOLDER` proves
            that nothing is missing between them.
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument { case ndjson, csv }

    @OptionGroup var buffer: BufferOptions
    @Option(help: "ndjson or csv.") var format = Format.ndjson
    @Option(help: ArgumentHelp("Only what follows it.", valueName: "cursor")) var after: String?
    @Option(help: ArgumentHelp("The last batch, at most the newest.", valueName: "cursor"))
    var through: String?
    @Option(
        help: ArgumentHelp("Only batches with records of this time or later.", valueName: "time"))
    var from: String?
    @Option(
        help: ArgumentHelp("Only batches with records of this time or before.", valueName: "time"))
    var to: String?
    @Option(
        help: ArgumentHelp(
            "Write files into it instead, going on where the last one ended.", valueName: "folder"))
    var into: String?
    @Option(
        help: ArgumentHelp(
            "With --into: the most that a file may hold (default: 64 MiB).", valueName: "size"))
    var fileSize: String?

    func validate() throws {
        _ = try times
        _ = try size
        guard into != nil || fileSize == nil else {
            throw ValidationError("--file-size is for files that are written --into a folder")
        }
        guard into == nil || format == .ndjson && from == nil && to == nil else {
            throw ValidationError(
                "--into writes everything in order, as NDJSON: without --format csv, --from and --to"
            )
        }
        let (after, through) = (
            try cursor(after, of: "--after"), try cursor(through, of: "--through")
        )
        guard let through else { return }
        guard after?.epoch ?? through.epoch == through.epoch else {
            throw ValidationError("--after and --through are cursors of two buffers")
        }
        guard after?.sequence ?? 0 <= through.sequence else {
            throw ValidationError("--through lies before --after")
        }
    }

    func run() throws {
        let buffer = try buffer.open()
        if let into { return try drop(from: buffer, of: self.buffer.folder, into: into) }
        let selection = try selection(of: buffer)
        if format == .csv { Terminal.write(Array(Batch.csvHeader.utf8)) }
        var isEmpty = true
        try reporting {
            try buffer.items(in: selection) { item in
                isEmpty = false
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
        if isEmpty { Terminal.say("there is no such batch: see `millpond batches list`") }
    }

    private func selection(of buffer: OfflineBuffer) throws -> OfflineBuffer.Selection {
        let after = try cursor(after, of: "--after")
        if let after { try buffer.expect(after) }
        return OfflineBuffer.Selection(
            after: after.map { .after($0) } ?? .earliest,
            through: try through(in: buffer)?.sequence, times: try times)
    }

    /// The last batch that is wanted, `nil` for the newest.
    func through(in buffer: OfflineBuffer) throws -> Cursor? {
        guard let through = try cursor(through, of: "--through") else { return nil }
        try buffer.expect(through)
        return try reporting {
            let newest = try buffer.place(of: .latest)
            guard through.sequence <= newest.sequence else {
                throw BufferError.beyondNewest(newest: newest)
            }
            return through
        }
    }

    /// A stick's file systems take files of less than 4 GiB.
    private static let sizes = 1 << 10...2 << 30
    private static let usualSize = 64 << 20

    var size: Int {
        get throws {
            guard let fileSize else { return Self.usualSize }
            guard let size = ByteSize.bytes(fileSize), Self.sizes.contains(size) else {
                throw ValidationError(
                    "--file-size takes a size from 1 KiB to 2 GiB, such as 64MiB, not \(fileSize)")
            }
            return size
        }
    }

    private var times: ClosedRange<Timestamp>? {
        get throws {
            guard from != nil || to != nil else { return nil }
            let first = try from.map { try time($0, of: "--from") } ?? Timestamp(milliseconds: .min)
            let last = try to.map { try time($0, of: "--to") } ?? Timestamp(milliseconds: .max)
            guard first <= last else { throw ValidationError("--from is after --to") }
            return first...last
        }
    }

    private func time(_ text: String, of option: String) throws -> Timestamp {
        guard let time = Timestamp(rfc3339: text) else {
            throw ValidationError("\(option) takes a time like 2026-11-20T01:03:53Z, not \(text)")
        }
        return time
    }

    func cursor(_ text: String?, of option: String) throws -> Cursor? {
        guard let text else { return nil }
        guard let cursor = Cursor(text) else {
            throw ValidationError("\(option) takes a cursor like q7m2k9xd.9001, not \(text)")
        }
        return cursor
    }
}
