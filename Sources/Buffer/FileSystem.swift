// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What the file system says of its room: some microseconds a question.
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

    /// Bytes that all files of a directory take, without those below it.
    static func allocated(in directory: String) -> Int {
        names(in: directory).reduce(0) { $0 + allocated(by: directory + "/" + $1) }
    }

    /// What a directory holds; nothing if it is none.
    static func names(in directory: String) -> [String] {
        guard let listing = opendir(directory) else { return [] }
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

    /// Which file a name or a descriptor stands for.
    struct Identity: Equatable {
        let device: UInt
        let number: UInt
    }

    /// `nil` if there is no such file.
    static func identity(of path: String) -> Identity? {
        var status = stat()
        return stat(path, &status) == 0 ? Identity(status) : nil
    }

    /// `nil` if nothing is open there.
    static func identity(of descriptor: CInt) -> Identity? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Identity(status) : nil
    }
}

extension FileSystem.Identity {
    fileprivate init(_ status: stat) {
        self.init(device: UInt(status.st_dev), number: UInt(status.st_ino))
    }
}
