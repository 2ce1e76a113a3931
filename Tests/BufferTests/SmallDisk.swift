// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Glibc
import Testing

/// A real file system of 24 MB, mounted for a test, which can be filled to the last byte.
final class SmallDisk: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case tmpfs
        /// As mkfs makes a small one: blocks of 1 KiB, less than SQLite counts on.
        case ext4
        case ext4WithPages = "ext4 -b 4096"
        /// No file can be made in it once the buffer has its own.
        case ext4WithoutInodes = "ext4 -N 48"
    }

    /// Whether this process may mount.
    static let isPermitted: Bool = {
        geteuid() == 0
            && system("unshare -m sh -c 'mount -t tmpfs none /mnt' >/dev/null 2>&1") == 0
    }()

    private let folder: String
    private let kind: Kind
    /// Where it is mounted.
    var path: String { folder + "/disk" }
    private var filler: String { path + "/filler" }

    init(_ kind: Kind) throws {
        self.kind = kind
        folder = "/tmp/millpond-disk-\(UInt64.random(in: 0...UInt64.max))"
        try #require(mkdir(folder, 0o700) == 0)
        try #require(mkdir(path, 0o700) == 0)
        let image = folder + "/image"
        let command =
            kind == .tmpfs
            ? "mount -t tmpfs -o size=24m none \(path)"
            : "truncate -s 24M \(image) && mkfs.\(kind.rawValue) -q -F -m 0 \(image)"
                + " && mount -o loop \(image) \(path)"
        try #require(system(command + " >/dev/null 2>&1") == 0, "\(command)")
        Books.atEnd { withExtendedLifetime(self) {} }
    }

    deinit { system("umount \(path) && rm -rf '\(folder)'") }

    func settings(limit: Int, directory: String = "buffer") -> BatchBuffer.Settings {
        BatchBuffer.Settings(
            directory: path + "/" + directory, gateway: "edge-07", site: nil, limit: limit,
            keepAcknowledged: .seconds(86_400))
    }

    var free: Int {
        var status = statvfs()
        return statvfs(path, &status) == 0 ? Int(status.f_bavail) * Int(status.f_frsize) : -1
    }

    /// Another program takes all there is, but for so many bytes.
    func fill(leaving bytes: Int = 0) throws {
        let file = open(filler, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try #require(file >= 0, "errno \(errno)")
        defer { close(file) }
        for size in [1 << 20, 64 << 10, 4 << 10, 1 << 10, 1] {
            let block = [UInt8](repeating: 7, count: size)
            while write(file, block, size) == size {}
        }
        var status = stat()
        fstat(file, &status)
        if bytes > 0 { ftruncate(file, status.st_size - bytes) }
        fsync(file)
        // What inodes there were are gone as well.
        guard kind == .ext4WithoutInodes else { return }
        for number in 0... {
            let file = open("\(filler)-\(number)", O_WRONLY | O_CREAT, 0o600)
            guard file >= 0 else { break }
            close(file)
        }
    }

    /// The other program gives all back.
    func empty() { system("rm -f '\(filler)'*") }

    /// Bytes that the files of a buffer take on the disk.
    static func used(by directory: String) throws -> Int {
        let text = try shell("du -s -B1 '\(directory)' | cut -f1")
        return try #require(Int(text.dropLast()))
    }
}
