// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Reads a settings file into a tree; every failure becomes a mistake, none a crash.
package enum Document {
    /// The most bytes that a file may have: 850 connections with their devices take a quarter.
    package static let byteLimit = 1 << 20
    /// The deepest nesting; our files need 6, and the reader recurses.
    static let depthLimit = 32
    /// The most keys and values together; a tree of so many takes about 10 MB.
    package static let nodeLimit = 100_000

    /// The tree and the text of `findings.file`, or `nil` if there is none to judge further.
    package static func read(into findings: Findings) -> (root: Node, text: String)? {
        guard let bytes = bytes(of: findings.file, into: findings) else { return nil }
        guard let root = parse(bytes, into: findings) else { return nil }
        return (root, String(decoding: bytes, as: UTF8.self))
    }

    /// The tree of a text that stands in `findings.file`, or came from elsewhere under its name.
    package static func parse(_ text: String, into findings: Findings) -> Node? {
        guard text.utf8.count <= byteLimit else {
            tellTooLarge(text.utf8.count, findings)
            return nil
        }
        return parse(Array(text.utf8), into: findings)
    }

    private static func parse(_ bytes: [UInt8], into findings: Findings) -> Node? {
        for mark in [[0xFF, 0xFE], [0xFE, 0xFF]] as [[UInt8]] where bytes.starts(with: mark) {
            findings.mistake(at: .start, "this is UTF-16; save the file as UTF-8")
            return nil
        }
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: byteOrderMark) ? bytes.dropFirst(3) : bytes[...]
        return text.withUnsafeBufferPointer { buffer in
            var reader = TreeReader(buffer, findings)
            return reader.read()
        }
    }

    private static func tellTooLarge(_ size: Int, _ findings: Findings) {
        findings.mistake(
            at: .start, "the file has \(size) bytes; a settings file has at most \(byteLimit)")
    }

    /// The bytes of a file, a pipe or nothing; never more than `byteLimit`.
    private static func bytes(of path: String, into findings: Findings) -> [UInt8]? {
        // Without O_NONBLOCK a FIFO that nobody writes to would hold us for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            findings.mistake(at: .start, "cannot be read: \(reason(errno))")
            return nil
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            findings.mistake(at: .start, "cannot be read: \(reason(errno))")
            return nil
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG where status.st_size > byteLimit:
            tellTooLarge(Int(status.st_size), findings)
            return nil
        case S_IFREG:
            break
        case S_IFIFO:
            _ = fcntl(descriptor, F_SETFL, 0)
        case S_IFDIR:
            findings.mistake(at: .start, "is a directory, not a file")
            return nil
        default:
            findings.mistake(at: .start, "is not a regular file")
            return nil
        }
        return readAll(descriptor, findings)
    }

    private static func readAll(_ descriptor: CInt, _ findings: Findings) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                findings.mistake(at: .start, "cannot be read: \(reason(errno))")
                return nil
            }
            guard count > 0 else { return bytes }
            bytes += chunk.prefix(count)
            guard bytes.count <= byteLimit else {
                findings.mistake(
                    at: .start, "has more than the \(byteLimit) bytes of a settings file")
                return nil
            }
        }
    }

    private static func reason(_ code: CInt) -> String {
        switch code {
        case ENOENT: "there is no such file"
        case EACCES: "permission denied"
        default: String(cString: strerror(code))
        }
    }
}
