// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CSQLite
internal import Glibc

/// What the file system says of its room, some microseconds a question, and what it does for it.
enum FileSystem {
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

    /// Bytes that a file takes on the disk, which is not its length: it may have holes, or room
    /// beyond its end. 0 if it is not there.
    static func allocated(by path: String) -> Int {
        var status = stat()
        // st_blocks counts 512 bytes whatever the file system's blocks are (stat(2)).
        return stat(path, &status) == 0 ? Int(status.st_blocks) * 512 : 0
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
