// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The files of a directory, by their names below it.
struct Image: Sendable {
    var files: [String: [UInt8]] = [:]
    var directories: Set<String> = []

    /// Two images with one digest are the same: of a million states, the chance that any two differ
    /// and are taken for one is below 10⁻⁷.
    var digest: UInt64 {
        var sum: UInt64 = UInt64(directories.count)
        for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
            sum = Self.mixed(sum ^ Self.digest(Array(name.utf8)))
            sum = Self.mixed(sum ^ Self.digest(bytes))
        }
        return sum
    }

    private static func digest(_ bytes: [UInt8]) -> UInt64 {
        bytes.withUnsafeBytes { bytes in
            var sum = mixed(UInt64(bytes.count))
            var position = 0
            while position + 8 <= bytes.count {
                let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                sum = (sum ^ word) &* 0x9FB2_1C65_1E98_DF25
                sum ^= sum >> 32
                position += 8
            }
            for byte in bytes[position...] { sum = mixed(sum ^ UInt64(byte)) }
            return sum
        }
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

extension Image {
    /// Makes a directory hold just this image. What is there already is written over: a new file's
    /// pages cost the kernel more than what is done with them afterwards.
    func write(to directory: String) throws(TortureError) {
        mkdir(directory, 0o750)
        for name in Folder.names(directory) where files[name] == nil {
            Folder.remove("\(directory)/\(name)")
        }
        for name in directories.sorted() { mkdir("\(directory)/\(name)", 0o750) }
        for (name, bytes) in files {
            let file = open("\(directory)/\(name)", O_WRONLY | O_CREAT, 0o640)
            guard file >= 0 else { throw .disk("\(directory)/\(name)", errno) }
            defer { close(file) }
            guard Glibc.write(file, bytes, bytes.count) == bytes.count,
                ftruncate(file, off_t(bytes.count)) == 0
            else {
                throw .disk("\(directory)/\(name)", errno)
            }
        }
    }
}

extension Image {
    /// What a folder holds now. Shared memory is no part of it (`Shim/disk.c`).
    init(of folder: String, below prefix: String = "") throws(TortureError) {
        for name in Folder.names(folder) where !name.hasSuffix("-shm") {
            let path = "\(folder)/\(name)"
            let file = open(path, O_RDONLY)
            guard file >= 0 else { throw .disk(path, errno) }
            defer { close(file) }
            var status = stat()
            guard fstat(file, &status) == 0 else { throw .disk(path, errno) }
            if status.st_mode & S_IFMT == S_IFDIR {
                directories.insert(prefix + name)
                let inside = try Image(of: path, below: prefix + name + "/")
                directories.formUnion(inside.directories)
                files.merge(inside.files) { first, _ in first }
                continue
            }
            var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
            guard read(file, &bytes, bytes.count) == bytes.count else { throw .disk(path, errno) }
            files[prefix + name] = bytes
        }
    }
}

/// A folder in memory, with all that it holds.
enum Folder {
    /// Makes it, and empties it if it was there.
    static func renew(_ path: String) {
        remove(path)
        mkdir(path, 0o750)
    }

    /// What is in it.
    static func names(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes it, and what it holds; a file as well.
    static func remove(_ path: String) {
        guard unlink(path) != 0 else { return }
        for name in names(path) { remove("\(path)/\(name)") }
        rmdir(path)
    }
}

/// Why a torture cannot go on; no finding.
enum TortureError: Error {
    case disk(String, Int32)
    case usage(String)
}
