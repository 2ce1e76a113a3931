// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The buffer's directory: `millpond.db` with its write-ahead log, `millpond.mark`, which tells what
/// the database must hold, `quarantine/`, and `millpond.lock`.
///
/// Nothing is created or changed in it before its database is known to be ours, or absent.
struct BufferDirectory {
    let path: String

    var database: String { path + "/millpond.db" }
    var log: String { database + "-wal" }
    /// The log's index, which SQLite maps, and whoever opens the database first makes anew.
    var index: String { database + "-shm" }
    var mark: String { path + "/millpond.mark" }
    var quarantine: String { path + "/quarantine" }
    var lockFile: String { path + "/millpond.lock" }

    /// "MLPD", the application_id of our databases (sqlite.org/fileformat2.html, offset 68).
    static let applicationID: UInt32 = 0x4D4C_5044
    /// The schema this program writes. An older one is migrated at open, a newer one refused.
    static let schema = 2
    /// No program will ever write a greater one: such a number has rotted.
    private static let lastSchema = 0xFFFF

    /// Whether a newer program has written this schema.
    static func isNewer(_ version: Int) -> Bool { (schema + 1...lastSchema).contains(version) }

    /// Makes the directory if it is missing (its parent must be there), and its name last: until
    /// there is a database nobody knows whether it does.
    func create() throws(BufferError) {
        if mkdir(path, 0o750) != 0 { try checkDirectory() }
        guard Self.size(of: database) == 0 else { return }
        let code = Self.sync(path + "/..")
        // Where we may make a name and not look at it, or where there is nothing to sync, the file
        // system is left to itself.
        guard [0, EACCES, EINVAL].contains(code) else {
            throw .unusable(path: path, reason: .errno(code))
        }
    }

    private func checkDirectory() throws(BufferError) {
        guard errno == EEXIST else { throw .unusable(path: path, reason: .errno(errno)) }
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw .unusable(path: path, reason: .errno(errno))
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .unusable(path: path, reason: .notADirectory)
        }
    }

    /// Throws if there is something else than a file where one of ours belongs: to open a FIFO may
    /// wait for ever, and through a link we would write into somebody else's file. The directory
    /// itself may be a link, and so may the database, which SQLite follows.
    func checkFiles() throws(BufferError) {
        for path in [database, log, index, mark, reserve, lockFile] {
            var status = stat()
            let code = path.hasPrefix(database) ? stat(path, &status) : lstat(path, &status)
            guard code != 0 || status.st_mode & S_IFMT == S_IFREG else {
                throw .unusable(path: path, reason: .notAFile)
            }
        }
    }

    /// Throws if we may not write where the database is written: SQLite would only say that it
    /// cannot, and not where.
    func checkRights() throws(BufferError) {
        for path in [path, database, log, index] {
            guard access(path, W_OK) == 0 || errno == ENOENT else {
                throw .unusable(path: path, reason: .errno(errno))
            }
        }
    }

    /// Takes the directory for this process, for as long as the lock lives.
    func lock() throws(BufferError) -> DirectoryLock {
        let file = open(lockFile, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o640)
        guard file >= 0 else { throw .unusable(path: lockFile, reason: .errno(errno)) }
        var claim = Self.claim(F_WRLCK)
        guard fcntl(file, Self.setLock, &claim) == 0 else {
            let code = errno
            close(file)
            throw code == EAGAIN || code == EACCES
                ? .locked(directory: path) : .unusable(path: lockFile, reason: .errno(code))
        }
        return DirectoryLock(file)
    }

    /// Whether a process has the directory; asking does not get into its way.
    var isLocked: Bool {
        let file = open(lockFile, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return false }
        defer { close(file) }
        var claim = Self.claim(F_WRLCK)
        return fcntl(file, Self.getLock, &claim) == 0 && claim.l_type != Int16(F_UNLCK)
    }

    /// The whole file.
    fileprivate static func claim(_ type: Int32) -> flock {
        flock(l_type: Int16(type), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
    }

    // Locks of the open file, not of the process: a second opener in this process is refused as
    // well, and one can ask without taking (fcntl(2), "Open file description locks").
    private static let getLock: Int32 = 36
    fileprivate static let setLock: Int32 = 37

    /// The kernel's id of this boot (random(4), "/proc interfaces"), empty where there is no /proc.
    static func bootID() -> String {
        let file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 36)
        let count = read(file, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }

    /// Makes names in the directory last.
    func sync() throws(BufferError) {
        let code = Self.sync(path)
        guard code == 0 else { throw .unusable(path: path, reason: .errno(code)) }
    }

    /// Makes names in a directory last: 0, or an errno.
    static func sync(_ path: String) -> CInt {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return errno }
        defer { close(directory) }
        return fsync(directory) == 0 ? 0 : errno
    }

    static func rename(_ path: String, to target: String) throws(BufferError) {
        guard Glibc.rename(path, target) == 0 else {
            throw .unusable(path: path, reason: .errno(errno))
        }
    }

    /// Removes a file that may be there.
    static func remove(_ path: String) throws(BufferError) {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw .unusable(path: path, reason: .errno(errno))
        }
    }

    /// The database that lies there now, looked at without opening it: to close it again would give
    /// up locks (`File`). `nil` where there is none, or nothing in it.
    var databaseFile: FileIdentity? {
        var status = stat()
        guard stat(database, &status) == 0, status.st_size > 0 else { return nil }
        return FileIdentity(device: UInt(status.st_dev), inode: UInt(status.st_ino))
    }

    /// The size of a file in bytes; 0 if it is not there.
    static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}

/// Which file it is, whatever its name; as long as somebody has it open, no other one is the same.
struct FileIdentity: Equatable {
    let device: UInt
    let inode: UInt
}

/// Keeps other processes out until it is released.
final class DirectoryLock: Sendable {
    private let file: Int32

    init(_ file: Int32) {
        self.file = file
    }

    /// Unlocks in so many words: a child process between fork and exec still has the file open.
    deinit {
        var release = BufferDirectory.claim(F_UNLCK)
        _ = fcntl(file, BufferDirectory.setLock, &release)
        close(file)
    }
}
