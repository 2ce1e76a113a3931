// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A symbolic link that gives a pseudo-terminal the name that a configuration knows it by.
///
/// It takes the place of nothing but a link whose end is gone, as a crash leaves one behind, and
/// it removes nothing that it has not made.
final class SerialName: Sendable {
    /// A path is at most this long (Linux, PATH_MAX).
    private static let longestPath = 4_096

    let path: String
    private let target: String

    enum Failure: Error, Equatable { case occupied, system(errno: Int32) }

    init(_ path: String, of target: String) throws(Failure) {
        self.path = path
        self.target = target
        if Self.destination(of: path) != nil, access(path, F_OK) != 0 { unlink(path) }
        guard symlink(target, path) == 0 else {
            throw errno == EEXIST ? .occupied : .system(errno: errno)
        }
    }

    deinit { remove() }

    /// Removes the link, if it is still the one that was made.
    func remove() {
        if Self.destination(of: path) == target { unlink(path) }
    }

    private static func destination(of path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: longestPath)
        let count = readlink(path, &bytes, bytes.count)
        return count < 0
            ? nil
            : String(decoding: bytes.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
