// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A file that has no name of its own before it is whole and on disk.
final class NewFile {
    private let folder: String
    private let part: String
    private let descriptor: Int32
    private var isOpen = true

    /// Whoever looks into the folder sees by the name that it is not for them. What a crash has left
    /// of one is taken over.
    init(in folder: String) throws(DropFolder.Failure) {
        self.folder = folder
        part = folder + "/.millpond.part"
        descriptor = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw DropFolder.Failure(path: part, errno: errno) }
    }

    deinit {
        if isOpen {
            close(descriptor)
            unlink(part)
        }
    }

    func write(_ bytes: [UInt8]) throws(DropFolder.Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw DropFolder.Failure(path: part, errno: errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// Gives it its name, and returns when both are on disk.
    func finish(as name: String) throws(DropFolder.Failure) {
        guard fsync(descriptor) == 0, rename(part, folder + "/" + name) == 0 else {
            throw DropFolder.Failure(path: folder + "/" + name, errno: errno)
        }
        isOpen = false
        close(descriptor)
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw DropFolder.Failure(path: folder, errno: errno) }
        defer { close(directory) }
        // Some file systems of sticks have nothing to sync there, and say EINVAL.
        guard fsync(directory) == 0 || errno == EINVAL else {
            throw DropFolder.Failure(path: folder, errno: errno)
        }
    }
}
