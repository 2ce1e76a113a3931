// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Buffer
internal import Glibc

/// `batches export --into`.
extension BatchesExport {
    /// Writes what is new as drops into the folder.
    func drop(from buffer: OfflineBuffer, of directory: String, into path: String) throws {
        guard !Self.lies(path, within: directory) else {
            Terminal.say("\(path) is the buffer's own directory: name a folder elsewhere")
            throw Sysexits.cannotCreate
        }
        let folder = DropFolder(path: path)
        let done = try reporting {
            let claim = try folder.claim()
            defer { withExtendedLifetime(claim) {} }
            return try export(from: buffer, into: folder)
        }
        for drop in done.written { Terminal.print(drop.name.manifest) }
        for name in done.unlike {
            Terminal.say(
                "\(path)/\(name.content) has no manifest, and the buffer has other lines now: it is "
                    + "left as it is; remove it, and export again")
        }
        let end = try reporting { try done.end() }
        guard !done.written.isEmpty else {
            return Terminal.say("there is nothing new after \(after ?? "\(end)")")
        }
        Terminal.say(
            "\(Wording.count(done.written.count, "drop")); the next export into \(path) goes on "
                + "after \(end)")
    }

    private func export(
        from buffer: OfflineBuffer, into folder: DropFolder
    ) throws -> DropExport {
        var export = try DropExport(of: buffer, into: folder)
        let after = try cursor(after, of: "--after")
        if after == nil { try export.complete() }
        do {
            try export.write(
                after: try after ?? export.end(), through: try through(in: buffer),
                size: try size)
        } catch let error as DropExport.Occupied {
            Terminal.say(
                "\(folder.path)/\(error.drop.name.content) holds some of that already: leave --after "
                    + "out to go on after the newest; to fill a gap, end before it by --through; to "
                    + "send it again, name an empty folder")
            throw Sysexits.usage
        }
        return export
    }

    /// Whether a folder is another one, or in it, whatever they are called.
    private static func lies(_ path: String, within directory: String) -> Bool {
        // What is not there is told of elsewhere.
        guard let path = PathName.real(path), let directory = PathName.real(directory) else {
            return false
        }
        return (path + "/").hasPrefix(directory + "/")
    }
}

extension ErrorText {
    static func of(_ error: DropFolder.Failure) -> String {
        switch error.errno {
        case ENOENT, ENOTDIR: "\(error.path): \(text(ofErrno: error.errno)): mount or make it first"
        case EWOULDBLOCK: "\(error.path): another export writes there: wait for its end"
        case ENOSPC, EDQUOT:
            "\(error.path): \(text(ofErrno: error.errno)): what was written so far is whole; make "
                + "room and export again"
        default: "\(error.path): \(text(ofErrno: error.errno))"
        }
    }

    static func exitCode(of error: DropFolder.Failure) -> ExitCode {
        switch error.errno {
        case ENOENT, ENOTDIR: Sysexits.cannotCreate
        case EWOULDBLOCK: Sysexits.unavailable
        case EACCES, EPERM, EROFS: Sysexits.noPermission
        default: Sysexits.inputOutput
        }
    }
}
