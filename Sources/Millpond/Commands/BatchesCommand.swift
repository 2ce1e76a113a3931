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

    /// The buffer's folder, by whichever of the two names it.
    var folder: String {
        get throws { try directory ?? options.read().buffer.directory }
    }

    /// Opens it for reading; says why and exits if that cannot be.
    func open() throws -> OfflineBuffer {
        let folder = try folder
        return try reporting { try OfflineBuffer(directory: folder) }
    }
}

extension OfflineBuffer {
    /// Says where the stream goes on, and exits, unless a cursor is of this epoch.
    func expect(_ cursor: Cursor) throws {
        guard cursor.epoch != epoch else { return }
        Terminal.say(
            "this buffer's epoch is \(epoch.text), not \(cursor.epoch.text): its stream begins after "
                + "\(epoch.text).0; see `millpond batches list`")
        throw Sysexits.data
    }
}

/// Does `work`; says in a sentence what the buffer or a folder refuses, and exits by its kind.
func reporting<Result>(_ work: () throws -> Result) throws -> Result {
    do {
        return try work()
    } catch let error as BufferError {
        Terminal.say(ErrorText.reading(error))
        throw ErrorText.exitCode(ofReading: error)
    } catch let error as DropFolder.Failure {
        Terminal.say(ErrorText.of(error))
        throw ErrorText.exitCode(of: error)
    }
}

extension ErrorText {
    /// What is said to whoever only reads a buffer's files.
    static func reading(_ error: BufferError) -> String {
        guard case .unusable(let path, .errno(let number)) = error else { return of(error) }
        return switch number {
        case ENOENT:
            "there is no buffer at \(path): name its folder by --directory, or the configuration by "
                + "--config"
        case ENOTDIR: "\(path): what it is to lie in is a file: name the buffer's folder"
        case EACCES, EPERM:
            "\(path): \(text(ofErrno: number)): ask as the gateway's user (`sudo -u millpond …`)"
        default: "\(path): \(text(ofErrno: number))"
        }
    }

    static func exitCode(ofReading error: BufferError) -> ExitCode {
        switch error {
        case .unusable(_, .errno(ENOENT)): Sysexits.unavailable
        case .unusable(_, .errno(EACCES)), .unusable(_, .errno(EPERM)): Sysexits.noPermission
        case .unusable(_, .errno): Sysexits.inputOutput
        default: exitCode(of: error)
        }
    }
}
