// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Glibc

/// The folder that drops are put into: a stick, or what a data diode carries over.
struct DropFolder {
    let path: String

    /// A file or the folder cannot be used; `errno` says why.
    struct Failure: Error {
        let path: String
        let errno: Int32
    }

    /// Keeps other exports out of the folder until it is let go.
    func claim() throws(Failure) -> Claim {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(path: path, errno: errno) }
        let claim = Claim(descriptor)
        // Where a file system knows no locks, nobody is kept out.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
            throw Failure(path: path, errno: EWOULDBLOCK)
        }
        return claim
    }

    /// The folder, held.
    final class Claim {
        private let descriptor: Int32

        fileprivate init(_ descriptor: Int32) { self.descriptor = descriptor }

        deinit { close(descriptor) }
    }

    /// All drops in it that have a manifest, in the order of their names; manifests that cannot be
    /// read are `damaged`.
    func drops() throws(Failure) -> (drops: [Drop], damaged: [String]) {
        var drops: [Drop] = []
        var damaged: [String] = []
        for name in try names() where name.hasSuffix(Drop.manifest) {
            if let drop = Drop(json: try read(name)), name == drop.name + Drop.manifest {
                drops.append(drop)
            } else {
                damaged.append(name)
            }
        }
        return (drops, damaged)
    }

    private func names() throws(Failure) -> [String] {
        guard let folder = opendir(path) else { throw Failure(path: path, errno: errno) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            names.append(name)
        }
        return names.sorted()
    }

    /// The most that a manifest can be long.
    private static let longestManifest = 1 << 16

    private func read(_ name: String) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        try visit(name, upTo: Self.longestManifest) { bytes += $0 }
        return bytes
    }

    /// Hands over a file piece by piece, at most `limit` bytes of it.
    func visit(
        _ name: String, upTo limit: Int = .max, _ piece: (UnsafeRawBufferPointer) -> Void
    ) throws(Failure) {
        let file = path + "/" + name
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Failure(path: file, errno: errno) }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var rest = limit
        while rest > 0 {
            let count = Glibc.read(descriptor, &buffer, min(buffer.count, rest))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure(path: file, errno: errno) }
            if count == 0 { return }
            buffer.withUnsafeBytes { piece(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            rest -= count
        }
    }

    /// Puts a small file into the folder: whole and on disk, or not at all.
    func put(_ text: String, as name: String) throws(Failure) {
        let file = try NewFile(in: path)
        try file.write(Array(text.utf8))
        try file.finish(as: name)
    }
}

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
