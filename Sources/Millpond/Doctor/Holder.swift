// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Glibc

/// A process of this box.
struct Holder: Hashable, Sendable {
    /// As the kernel has it, 15 bytes at most.
    let name: String
    let process: Int32

    /// All that we may see, but this one.
    static var all: [Holder] {
        FileSystem.names(in: "/proc").compactMap { entry in
            guard let process = Int32(entry), process != getpid(),
                let name = FileSystem.text(of: "/proc/\(entry)/comm")
            else { return nil }
            return Holder(name: String(name.prefix { $0 != "\n" }), process: process)
        }
    }

    /// Whether it has the file open; false too where we may not look.
    func has(_ path: String) -> Bool {
        let folder = "/proc/\(process)/fd"
        return FileSystem.names(in: folder).contains { Self.target(of: "\(folder)/\($0)") == path }
    }

    /// What a link says.
    static func target(of link: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(link, &buffer, buffer.count)
        return count > 0
            ? String(decoding: buffer.prefix(count).map(UInt8.init), as: UTF8.self) : nil
    }
}

/// A name in the file system.
enum Place {
    /// `path` without links and dots; `nil` if it is not there.
    static func real(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    /// The folder that something is in.
    static func parent(of path: String) -> String {
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        return path.hasPrefix("/") ? "/" + parent : parent.isEmpty ? "." : parent
    }

    /// The nearest folder of `path` that is there, itself included.
    static func nearest(_ path: String) -> String {
        var path = path
        while access(path, F_OK) != 0, path != "/", path != "." { path = parent(of: path) }
        return path
    }
}
