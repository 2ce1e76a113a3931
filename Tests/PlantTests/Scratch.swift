// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A folder of a test's own under /tmp, gone with its owner.
final class Scratch {
    struct Failure: Error {}

    let path: String
    /// What was made in it, the outer before the inner.
    private var made: [String] = []

    init() throws {
        var template = Array("/tmp/millpond-plant-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure() }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for path in made.reversed() { remove(path) }
        remove(path)
    }

    /// Writes a file and the folders above it; the whole path.
    @discardableResult
    func file(_ name: String, _ text: String) throws -> String {
        let parts = name.split(separator: "/")
        for depth in 1..<max(parts.count, 1) {
            let folder = "\(path)/" + parts.prefix(depth).joined(separator: "/")
            if mkdir(folder, 0o700) == 0 { made.append(folder) }
        }
        guard let file = fopen("\(path)/\(name)", "w") else { throw Failure() }
        defer { fclose(file) }
        made.append("\(path)/\(name)")
        guard fputs(text, file) >= 0 else { throw Failure() }
        return "\(path)/\(name)"
    }
}
