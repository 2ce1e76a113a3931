// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CSQLite
internal import Glibc

/// What the file system says of its room, some microseconds a question; how fast it is, and what it
/// does for a file's room.
package enum FileSystem {
    /// Size and free bytes of the file system of `path`; `nil` where it does not say, such as a
    /// tmpfs without a bound.
    static func disk(of path: String) -> Quota.Disk? {
        var status = statvfs()
        guard statvfs(path, &status) == 0, status.f_blocks > 0 else { return nil }
        let block = Int(status.f_frsize)
        return Quota.Disk(
            size: Int(clamping: status.f_blocks) * block,
            free: Int(clamping: status.f_bavail) * block)
    }

    /// Whether another file could be made: inodes run out before blocks where files are small. Some
    /// file systems count none.
    static func hasNames(_ path: String) -> Bool {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return true }
        return status.f_files == 0 || status.f_favail > 0
    }

    /// Bytes that a file takes on the disk, which is not its length: it may have holes, or room
    /// beyond its end. 0 if it is not there.
    static func allocated(by path: String) -> Int {
        var status = stat()
        // st_blocks counts 512 bytes whatever the file system's blocks are (stat(2)).
        return stat(path, &status) == 0 ? Int(status.st_blocks) * 512 : 0
    }

    /// What is in a directory, in no order; nothing if it cannot be read.
    package static func names(in path: String) -> [String] {
        guard let listing = opendir(path) else { return [] }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// All that a small file says, such as one of the kernel's, whose size is 0; `nil` if it cannot
    /// be read.
    package static func text(of path: String, most: Int = 1 << 20) -> String? {
        guard let file = File(reading: path) else { return nil }
        return file.bytes(at: 0, count: most).map { String(decoding: $0, as: UTF8.self) }
    }

    /// How long each of `count` writes of a page takes until it is on the disk, in a file without a
    /// name in the directory; `nil` where none can be made or written.
    package static func syncs(in directory: String, count: Int) -> [Duration]? {
        var template = Array("\(directory)/millpond-sync-XXXXXX".utf8CString)
        let file = mkstemp(&template)
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard unlink(template) == 0 else { return nil }
        let page = [UInt8](repeating: 0x6D, count: 4_096)
        var times: [Duration] = []
        for _ in 0..<count {
            let began = ContinuousClock.now
            // As the log of a database: it grows by every write.
            guard write(file, page, page.count) == page.count, fsync(file) == 0 else { return nil }
            times.append(ContinuousClock.now - began)
        }
        return times
    }

    /// Gives an open file its room on the disk, and leaves its length as it is; 0 or an errno.
    static func allocate(_ bytes: Int, to file: CInt) -> CInt {
        millpond_allocate(file, off_t(bytes)) == 0 ? 0 : errno
    }

    /// Gives a part of an open file back to the file system; where that cannot be done it stays.
    static func punch(_ range: Range<Int>, of file: CInt) {
        _ = millpond_punch_hole(file, off_t(range.lowerBound), off_t(range.count))
    }
}
