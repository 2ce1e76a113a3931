// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Buffer
internal import Glibc
internal import Plant

/// `batches`: what a buffer holds, read from its files.
struct BatchesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batches",
        abstract:
            "List, show, verify or export the batches of a buffer, with or without a gateway.",
        discussion: """
            millpond batches list --directory /var/lib/millpond
            millpond batches verify                 every seal, gap and sequence
            millpond batches export --format csv --from 2026-11-20T00:00:00Z > day.csv

            Reads the files and changes nothing, whether a gateway runs on them or not.
            """,
        subcommands: [BatchesList.self, BatchesShow.self, BatchesVerify.self, BatchesExport.self])
}

/// Which buffer is meant.
struct BufferOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The buffer's folder (default: by the configuration).", valueName: "folder"))
    var directory: String?
    @OptionGroup var options: ConfigurationOptions

    func validate() throws {
        guard directory == nil || options.file == nil else {
            throw ValidationError("name the buffer once: by --directory or by --config")
        }
    }

    /// Opens it for reading; says why and exits if that cannot be.
    func open() throws -> OfflineBuffer {
        let directory = try directory ?? options.read().buffer.directory
        return try reporting {
            do {
                return try OfflineBuffer(directory: directory)
            } catch BufferError.unusable(_, .errno(ENOENT)) {
                Terminal.say(
                    "there is no buffer in \(directory): name the folder by --directory, or the "
                        + "configuration by --config")
                throw Sysexits.unavailable
            }
        }
    }
}

/// Does `work`; says in a sentence what the buffer or a folder refuses, and exits by its kind.
func reporting<Result>(_ work: () throws -> Result) throws -> Result {
    do {
        return try work()
    } catch let error as BufferError {
        Terminal.say(ErrorText.of(error))
        throw ErrorText.exitCode(of: error)
    } catch let error as DropFolder.Failure {
        Terminal.say(ErrorText.of(error))
        throw ErrorText.exitCode(of: error)
    }
}
