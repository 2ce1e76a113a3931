// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Buffer

/// `batches verify`.
struct BatchesVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check every seal, gap and sequence of a buffer; exit code 65 if one fails.",
        usage: "millpond batches verify [<drops>] [<options>]",
        discussion: """
            millpond batches verify --directory /var/lib/millpond
            millpond batches verify /media/stick    what `batches export --into` wrote there
            """)

    @Argument(help: ArgumentHelp("A folder of exported files instead.", valueName: "drops"))
    var drops: String?
    @OptionGroup var buffer: BufferOptions
    @Flag(help: "Print one JSON object.") var json = false

    func validate() throws {
        guard drops == nil || buffer.directory == nil && buffer.options.file == nil else {
            throw ValidationError("verify one thing: a folder of exported files, or a buffer")
        }
    }

    func run() throws {
        if let drops { return try verify(DropFolder(path: drops)) }
        let folder = try buffer.folder
        let report = try reporting {
            do {
                return try OfflineBuffer(directory: folder).verify()
            } catch let error as BufferError {
                if json, ErrorText.exitCode(ofReading: error) == Sysexits.data {
                    Terminal.print(Self.unreadable(error))
                }
                throw error
            }
        }
        if json {
            Terminal.print(report.json)
        } else {
            for line in report.sentences { Terminal.print(line) }
        }
        guard report.isSound else { throw Sysexits.data }
    }

    private static func unreadable(_ error: BufferError) -> String {
        var json = JSONText()
        json.object { json in
            json.member("sound", false)
            json.member("unreadable", ErrorText.reading(error))
        }
        return json.text
    }

    private func verify(_ folder: DropFolder) throws {
        let report = try reporting { try DropVerification(folder) }
        guard !report.isEmpty else {
            Terminal.say("there are no exported files in \(folder.path)")
            throw Sysexits.unavailable
        }
        if json {
            Terminal.print(report.json)
        } else {
            for line in report.sentences { Terminal.print(line) }
        }
        guard report.isSound else { throw Sysexits.data }
    }
}
