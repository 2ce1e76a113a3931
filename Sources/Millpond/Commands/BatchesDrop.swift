// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Buffer
internal import Glibc

/// `batches export --into`.
extension BatchesExport {
    /// Writes what is new as drops into the folder.
    func drop(from buffer: OfflineBuffer, into path: String, size: Int) throws {
        let folder = DropFolder(path: path)
        let written = try reporting {
            let claim = try folder.claim()
            defer { withExtendedLifetime(claim) {} }
            return try drop(from: buffer, into: folder, size: size)
        }
        for drop in written { Terminal.print(drop.name + Drop.manifest) }
        guard let last = written.last else { return }
        Terminal.say(
            "\(Wording.count(written.count, "drop")) up to \(last.to); the next export into \(path) "
                + "goes on there")
    }

    private func drop(
        from buffer: OfflineBuffer, into folder: DropFolder, size: Int
    ) throws -> [Drop] {
        let before = try Drop.last(of: folder.drops().drops, for: buffer.epoch)
        let after =
            try cursor(after, of: "--after") ?? before?.to ?? buffer.place(of: .earliest)
        var writer = DropWriter(
            into: folder, size: size, after: after,
            sha256: before?.to == after ? before?.sha256 : nil)
        var start = after
        if after.epoch != buffer.epoch {
            start = Cursor(epoch: buffer.epoch, sequence: 0)
            guard try buffer.place(of: .latest) != start else { return nothing(after) }
            let reason = try buffer.ending(of: after.epoch)
            try writer.add(
                .epoch(from: after.epoch, to: buffer.epoch, reason: reason.rawValue))
        }
        let through = try through(in: buffer)
        try buffer.items(
            in: OfflineBuffer.Selection(after: .after(start), through: through?.sequence)
        ) { try writer.add($0) }
        try writer.finish()
        return writer.written.isEmpty ? nothing(after) : writer.written
    }

    private func nothing(_ after: Cursor) -> [Drop] {
        Terminal.say("there is nothing new after \(after)")
        return []
    }
}

extension Drop {
    /// The drop that the next one follows: the newest of the epoch, else the end of what there is.
    fileprivate static func last(of drops: [Drop], for epoch: Epoch) -> Drop? {
        let ofEpoch = drops.filter { $0.to.epoch == epoch }
        if let newest = ofEpoch.max(by: { $0.to.sequence < $1.to.sequence }) { return newest }
        let followed = Set(drops.map(\.after))
        return drops.last { !followed.contains($0.to) }
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
