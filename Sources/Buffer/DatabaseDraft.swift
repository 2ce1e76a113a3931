// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

extension BufferDirectory {
    /// Makes the database under a name of its own; it gets its right one when it is whole and on
    /// disk.
    ///
    /// A power cut while SQLite fills a new file leaves one that is no database yet. Its rollback
    /// journal would mend that, but whoever looks at the file first would take it for another's,
    /// for ever.
    func makeDatabase(_ fill: (Database) throws(BufferError) -> Void) throws(BufferError) {
        let draft = database + "-new"
        for leftover in [draft, draft + "-journal"] { unlink(leftover) }
        try Self.fill(draft, fill)
        guard rename(draft, database) == 0 else {
            throw .unusable(path: database, reason: .errno(errno))
        }
        try syncNames()
    }

    /// Closes it before it gets another name.
    private static func fill(
        _ path: String, _ fill: (Database) throws(BufferError) -> Void
    ) throws(BufferError) {
        try fill(try Database(path: path, mode: .write))
    }

    /// Puts on disk which files there are, and what they are called.
    func syncNames() throws(BufferError) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .unusable(path: path, reason: .errno(errno)) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw .unusable(path: path, reason: .errno(errno)) }
    }
}
