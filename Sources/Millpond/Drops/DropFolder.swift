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

    /// What lies in it, each in the order of the names.
    struct Content {
        /// Those that have a manifest.
        var drops: [Drop] = []
        /// Manifests that cannot be read.
        var damaged: [String] = []
        /// Files of records that have no manifest, or a damaged one.
        var unfinished: [DropName] = []
    }

    func content() throws(Failure) -> Content {
        var content = Content()
        let names = try names()
        for name in names where name.hasSuffix(DropName.manifest) {
            if let drop = Drop(json: try read(name)), name == drop.name.manifest {
                content.drops.append(drop)
            } else {
                content.damaged.append(name)
            }
        }
        let finished = Set(content.drops.map(\.name.content))
        content.unfinished = names.filter { !finished.contains($0) }.compactMap {
            DropName(content: $0)
        }
        return content
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

    /// The most that a manifest or its sums can be long.
    private static let longestManifest = 1 << 16

    /// All of a small file.
    func read(_ name: String) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        try visit(name, upTo: Self.longestManifest) { bytes += $0 }
        return bytes
    }

    func sha256(of name: String) throws(Failure) -> String {
        var digest = Digest.Running()
        try visit(name) { digest.add($0) }
        return Digest.hex(digest.digest())
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
