// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What the log says that SQLite would not believe: torn by a power cut, or rotten?
///
/// A commit is on the disk before the next one begins. So whatever a power cut leaves behind the
/// first bad frame belongs to one commit, which was promised to nobody. Two commits there, or a
/// page that the database file has already taken over, were on the disk once, and have rotted.
/// (The mark tells of a single one, `Opening`.)
struct LogInspection {
    let frames: LogFrames
    /// Commits that were on the disk and that SQLite would drop; 0 if nothing has rotted.
    let rotten: Int
    /// The schema that the log will have made of the database; `nil` if it does not say.
    let schema: Int?

    /// `isHeld` says whether the database file holds a page just so.
    init(
        _ log: [UInt8], pageSize: Int, isHeld: (_ page: UInt32, _ bytes: ArraySlice<UInt8>) -> Bool
    ) {
        frames = LogFrames(log, pageSize: pageSize)
        let dropped = frames.frames[frames.believed...]
        let commits = dropped.count(where: \.isCommit)
        let hasHeld = dropped.contains { frame in
            isHeld(frame.page, log[frame.offset..<frame.offset + pageSize])
        }
        // Offset 60 of the first page (sqlite.org/fileformat2.html, §1.3).
        schema = frames.frames[..<frames.believed].last { $0.page == 1 }.flatMap {
            PageBytes(log[$0.offset...]).number(at: 60, size: 4)
        }
        rotten = commits > 1 || hasHeld ? commits : 0
    }

    /// Looks at the files of a database that nobody has open: `nil` if there is no log.
    init?(_ directory: BufferDirectory) {
        guard let log = File.bytes(of: directory.log, most: LogFrames.maxBytes), !log.isEmpty
        else { return nil }
        let file = File(reading: directory.database)
        self.init(log, pageSize: Store.pageSize) { page, bytes in
            file?.bytes(at: Int(page - 1) * bytes.count, count: bytes.count) == Array(bytes)
        }
    }
}
