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
    init(_ log: [UInt8], pageSize: Int, page: (_ number: UInt32) -> [UInt8]?) {
        let frames = LogFrames(log, pageSize: pageSize)
        let dropped = frames.frames[frames.believed...]
        let commits = dropped.count(where: \.isCommit)
        var last: [UInt32: Int] = [:]
        for (index, frame) in frames.frames.enumerated() { last[frame.page] = index }
        let hasHeld = Self.hasHeld(of: frames, in: log, pageSize, page)
        // Offset 60 of the first page (sqlite.org/fileformat2.html, §1.3).
        schema = frames.frames[..<frames.believed].last { $0.page == 1 }.flatMap {
            PageBytes(log[$0.offset...]).number(at: 60, size: 4)
        }
        rotten = commits > 1 || hasHeld ? commits : 0
        let isWhole =
            hasHeld && frames.isGapless
            && last.allSatisfy { number, index in
                page(number).map { frames.isFrame(at: frames.frames[index].offset, of: log, $0) }
                    ?? false
            }
        held = isWhole ? .all : hasHeld ? .some : .none
        self.frames = frames
    }

    /// Whether the file has taken over what SQLite would drop. That it holds a page just so is no
    /// proof: a commit writes pages as they were as well, and only what the frames before do not
    /// say can have come from it. Of one commit alone, which a power cut may have torn, it has to
    /// hold all that is there.
    private static func hasHeld(
        of frames: LogFrames, in log: [UInt8], _ pageSize: Int,
        _ page: (_ number: UInt32) -> [UInt8]?
    ) -> Bool {
        func isHeld(_ frame: LogFrames.Frame) -> Bool {
            page(frame.page).map { frames.isFrame(at: frame.offset, of: log, $0) } ?? false
        }
        let dropped = frames.frames[frames.believed...]
        var before: [UInt32: ArraySlice<UInt8>] = [:]
        for frame in frames.frames[..<frames.believed] {
            before[frame.page] = log[frame.offset..<frame.offset + pageSize]
        }
        let isProven = dropped.contains { frame in
            isHeld(frame)
                && before[frame.page].map { $0 != page(frame.page)?[...] } ?? before.isEmpty
        }
        return isProven && (dropped.count(where: \.isCommit) > 1 || dropped.allSatisfy(isHeld))
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
