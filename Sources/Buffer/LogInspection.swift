// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What the log says that SQLite would not believe: torn by a power cut, or rotten?
///
/// A commit is on the disk before the next one begins. So whatever a power cut leaves behind the
/// first bad frame belongs to one commit, which was promised to nobody. Two commits there, or a
/// page that the database file has already taken over, were on the disk once, and have rotted.
/// (The mark tells of a single one, `Opening`.)
///
/// SQLite lays the frames before the bad one over the file, as it would after any crash. Where the
/// file has taken over what comes after them, that puts old pages among new ones, and the next
/// checkpoint writes them there: such a log must not be opened (`held`).
struct LogInspection {
    let frames: LogFrames
    /// Commits that were on the disk and that SQLite would drop; 0 if nothing has rotted.
    let rotten: Int
    /// What the database file holds of them.
    let held: Held
    /// The schema that the log will have made of the database; `nil` if it does not say.
    let schema: Int?

    /// What a database file has taken over from commits that SQLite would drop.
    enum Held {
        /// Nothing: with the frames before them the file is what it was then.
        case none
        /// A part: the file is newer than those frames, and not whole without the rest.
        case some
        /// The last version of every page in the log: the file is whole without it.
        case all
    }

    /// `page` says what the database file holds.
    init(
        _ log: [UInt8], pageSize: Int, page: @escaping (_ number: UInt32) -> [UInt8]?
    ) {
        let frames = LogFrames(log, pageSize: pageSize)
        // Offset 60 of the first page (sqlite.org/fileformat2.html, §1.3).
        schema = frames.frames[..<frames.believed].last { $0.page == 1 }.flatMap {
            PageBytes(log[$0.offset...]).number(at: 60, size: 4)
        }
        let file = Backfill(of: frames, in: log, page: page)
        held = file.held
        let commits = frames.frames[frames.believed...].count(where: \.isCommit)
        rotten = commits > 1 || held != .none ? commits : 0
        self.frames = frames
    }

    /// Looks at the files of a database that nobody has open: `nil` if there is no log.
    init?(_ directory: BufferDirectory) {
        guard let log = File.bytes(of: directory.log, most: LogFrames.maxBytes), !log.isEmpty
        else { return nil }
        let file = File(reading: directory.database)
        let size = PageFormat(of: file).pageSize
        self.init(log, pageSize: size) { page in
            file?.bytes(at: Int(page - 1) * size, count: size)
        }
    }
}

extension LogInspection {
    /// Whether there is anything that SQLite would drop.
    var isTorn: Bool { frames.believed < frames.frames.count }

    /// Cuts a log to nothing of which the database file holds `all`. As nobody knows whether the
    /// file was ever synced, its pages are written once more.
    func drop(_ directory: BufferDirectory) throws(BufferError) {
        let file = File(changing: directory.database)
        let size = PageFormat(of: file).pageSize
        let isLasting = Set(frames.frames.map(\.page)).allSatisfy { page in
            file?.renew(at: Int(page - 1) * size, count: size) ?? false
        }
        guard let file, isLasting, file.sync(), truncate(directory.log, 0) == 0 else {
            throw .unusable(path: directory.database, reason: .errno(errno))
        }
    }
}

extension BufferDirectory {
    /// Writes the log once more, and syncs it. Where a sync has failed, in this process or in one
    /// that is no more, the kernel has what it could not write for written: the next sync would say
    /// yes, and a power cut while the log is worked off into the database would leave neither whole.
    func renewLog() throws(BufferError) {
        guard let file = File(changing: log) else { return }
        // What cannot be read or written keeps what it has: its checksums tell.
        for place in stride(from: 0, to: Self.size(of: log), by: Self.piece) {
            _ = file.renew(at: place, count: Self.piece)
        }
        guard file.sync() else { throw .notSynced }
    }

    private static let piece = 1 << 20
}
