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
        for leftover in [draft, draft + "-journal"] { try Self.remove(leftover) }
        try Self.make(draft)
        try Self.fill(draft, fill)
        try Self.rename(draft, to: database)
        try sync()
    }

    /// An empty file, which not everyone may read: the log and its index take after the database
    /// (sqlite.org/src, os_unix.c, findCreateFileMode).
    private static func make(_ path: String) throws(BufferError) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard file >= 0 else { throw .unusable(path: path, reason: .errno(errno)) }
        close(file)
    }

    /// Closes it before it gets another name.
    private static func fill(
        _ path: String, _ fill: (Database) throws(BufferError) -> Void
    ) throws(BufferError) {
        try fill(try Database(path: path, mode: .write))
    }
}
