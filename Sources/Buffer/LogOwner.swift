// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// Whose the log beside a database is. SQLite does not ask: it lays any log whose sums are right over
/// the file, page by page, and the next checkpoint writes that down. So both are asked, each alone,
/// before SQLite sees them together.
struct LogOwner {
    /// What the log's first sound batch says, or else a row of `meta` in it.
    let log: Epoch
    /// What the file says without the log: its epoch never leaves the page that it was made with.
    let file: Epoch

    /// Looks at the files of a database that nobody has open: `nil` unless both tell.
    init?(_ directory: BufferDirectory) {
        guard BufferDirectory.size(of: directory.log) > 0,
            // What cannot be read tells nothing; the opener finds out.
            let database = try? Database(path: directory.database, mode: .readFileAlone),
            let file = try? Schema.epoch(of: database),
            let damaged = DamagedDatabase(database: directory.database, log: directory.log)
        else { return nil }
        var scan = PageScan(after: 0)
        damaged.lookAtLog(into: &scan)
        scan.finish()
        guard let log = Self.epoch(of: scan.finds, in: damaged) ?? scan.epoch else { return nil }
        (self.log, self.file) = (log, file)
    }

    /// Each is read once: what a disk reads one time it may refuse the next.
    private static func epoch(
        of finds: some Sequence<PageScan.Find>, in damaged: DamagedDatabase
    ) -> Epoch? {
        for find in finds {
            if let batch = damaged.batch(find, of: nil) { return batch.batch.head.cursor.epoch }
        }
        return nil
    }
}
