// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

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
        try Self.fill(draft, fill)
        try Self.rename(draft, to: database)
        try sync()
    }

    /// Closes it before it gets another name.
    private static func fill(
        _ path: String, _ fill: (Database) throws(BufferError) -> Void
    ) throws(BufferError) {
        try fill(try Database(path: path, mode: .write))
    }
}
