// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// The room of a buffer's directory: measures it for the quota, keeps the reserve, and has the log
/// and its index take their room before it is needed.
///
/// SQLite writes to the log's index by mapping it. It makes the file longer by one byte in 4 KiB;
/// where the file system's blocks are smaller (ext4 below 512 MB has 1 KiB), the rest are holes,
/// and to write into a hole of a mapped file on a full disk ends the process by SIGBUS (measured:
/// SQLite 3.40.1, ext4 with 8 to 28 KiB free). What is allocated has no holes.
final class Space {
    let allowance: Allowance
    private(set) var quota: Quota
    private let directory: BufferDirectory
    private let reserve: Reserve
    /// Open for as long as the database is: to close any descriptor of a file gives up all of the
    /// process' locks on it (fcntl(2)), and the index carries SQLite's.
    private var index: CInt = -1
    /// Bytes of a page of the database that is open. Of smaller ones more are in a log.
    private var pageSize = Store.pageSize

    /// Measures, and gives the reserve up where the disk is too full to open a database.
    init(_ directory: BufferDirectory, limit: Int) throws(BufferError) {
        self.directory = directory
        quota = Quota(limit: limit)
        allowance = Allowance(quota)
        let disk = FileSystem.disk(of: directory.path)
        reserve = Reserve(path: directory.reserve, limit: limit, disk: disk)
        let frames = BufferDirectory.size(of: directory.log) / (pageSize + 24)
        let needed = Self.index(ofFrames: frames) + Self.least
        guard let disk, disk.free < needed + reserve.wanted else { return }
        reserve.release()
        guard let freed = FileSystem.disk(of: directory.path), freed.free < needed else { return }
        throw .unusable(path: directory.path, reason: .errno(ENOSPC))
    }

    deinit { if index >= 0 { close(index) } }

    /// To be called whenever a database and its log have been opened.
    func opened(pageSize: Int) {
        self.pageSize = pageSize
        var (held, there) = (stat(), stat())
        let isHeld =
            index >= 0 && fstat(index, &held) == 0 && stat(directory.index, &there) == 0
            && held.st_ino == there.st_ino
        if !isHeld {
            if index >= 0 { close(index) }
            index = open(directory.index, O_RDWR | O_CLOEXEC | O_NONBLOCK)
        }
        // What is not to be had now is asked for again when it is needed.
        _ = prepare(frames: Store.logTarget / (pageSize + 24))
    }

    /// Bytes without which a database cannot be opened: a new one, and its journal.
    private static let least = 64 << 10

    /// Bytes of the index of a log: 32 KiB for each 4,096 pages (sqlite.org/walformat.html, §2).
    private static func index(ofFrames count: Int) -> Int { (count / 4_062 + 1) * (32 << 10) }
}

// MARK: What is there now

extension Space {
    /// Looks at the disk for a database of so many pages, and takes the reserve (again) where
    /// there is room for it twice over. A microsecond a question: nothing is saved by asking less.
    func look(pages: Int) {
        let disk = FileSystem.disk(of: directory.path)
        if !reserve.isWhole, let free = disk?.free, free >= 2 * reserve.wanted {
            _ = reserve.take()
        }
        quota.look(
            at: Quota.Room(
                present: pages * pageSize,
                file: FileSystem.allocated(by: directory.database),
                log: FileSystem.allocated(by: directory.log), reserve: reserve.wanted,
                reserved: reserve.kept,
                quarantine: Quarantine.bytes(in: directory), disk: disk))
        allowance.set(quota)
    }

    /// Lets the log have so many pages, and its index what goes with them: what is there is not
    /// touched. False where the disk is full; where the file system cannot do it, nothing is lost.
    func prepare(frames: Int) -> Bool {
        let log = open(directory.log, O_RDWR | O_CLOEXEC | O_NONBLOCK)
        guard log >= 0 else { return true }
        defer { close(log) }
        return Self.allocate(frames * (pageSize + 24), to: log)
            && Self.allocate(Self.index(ofFrames: frames), to: index)
    }

    /// Gives up the reserve, if the disk has not as much left.
    func release() {
        let free = FileSystem.disk(of: directory.path)?.free ?? 0
        if free < reserve.wanted { reserve.release() }
    }

    private static func allocate(_ bytes: Int, to file: CInt) -> Bool {
        var status = stat()
        guard fstat(file, &status) == 0, Int(status.st_blocks) * 512 < bytes else { return true }
        // Where the file system cannot do that, files have no holes (FAT), or no bound (NFS).
        return ![ENOSPC, EDQUOT].contains(FileSystem.allocate(bytes, to: file))
    }
}

/// The quota, for those who ask without waiting for the writer.
final class Allowance: Sendable {
    private let quota: Mutex<Quota>

    init(_ quota: Quota) { self.quota = Mutex(quota) }

    var now: Quota { quota.withLock { $0 } }

    func set(_ quota: Quota) { self.quota.withLock { $0 = quota } }
}

extension BufferDirectory {
    var reserve: String { path + "/millpond.reserve" }
}
