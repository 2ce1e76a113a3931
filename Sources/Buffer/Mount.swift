// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The file system that a path lies on, as the kernel has it mounted.
package struct Mount: Hashable, Sendable {
    /// The folder that it is mounted at.
    package var point: String
    /// Such as `ext4`.
    package var type: String
    /// Those of this mount and those of its file system, such as `ro` and `data=writeback`.
    package var options: Set<String>
    /// The number of its block device, such as `254:0`; one that begins with 0 is none.
    package var device: String

    /// Reads a line of mountinfo (proc(5), `/proc/PID/mountinfo`); `nil` if it is none.
    package init?(mountinfo line: Substring) {
        // Six fields, any number of optional ones, a dash, and three fields.
        let fields = line.split(separator: " ")
        guard let dash = fields.dropFirst(6).firstIndex(of: "-"), fields.count > dash + 3 else {
            return nil
        }
        point = Self.unescaped(fields[4])
        type = String(fields[dash + 1])
        options = Set((fields[5] + "," + fields[dash + 3]).split(separator: ",").map(String.init))
        device = String(fields[2])
    }

    /// Which of the mounts in `mountinfo` holds an absolute path without links: the longest that it
    /// begins with, the last one of several.
    package static func holding(_ path: String, in mountinfo: String) -> Mount? {
        var found: Mount?
        for line in mountinfo.split(separator: "\n") {
            guard let mount = Mount(mountinfo: line), mount.holds(path) else { continue }
            if mount.point.utf8.count >= found?.point.utf8.count ?? 0 { found = mount }
        }
        return found
    }

    private func holds(_ path: String) -> Bool {
        point == "/" || path == point || path.hasPrefix(point + "/")
    }

    /// Space, tab, newline and backslash stand there as a backslash and three octal digits.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Substring(field).utf8
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            guard byte == UInt8(ascii: "\\"), digits.count == 3,
                let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(code)
            rest = rest.dropFirst(3)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Mount {
    /// What holds `path`, which must be there; `nil` where the kernel does not say.
    package static func holding(_ path: String) -> Mount? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        guard let mounts = FileSystem.text(of: "/proc/self/mountinfo") else { return nil }
        return holding(String(cString: real), in: mounts)
    }
}
