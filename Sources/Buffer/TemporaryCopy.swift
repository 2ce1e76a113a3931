// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The database and its log in a directory of their own, removed in the end.
final class TemporaryCopy {
    let directory: BufferDirectory

    init(of source: BufferDirectory) throws(BufferError) {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/millpond-copy-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw .unusable(path: parent, reason: .errno(errno))
        }
        directory = BufferDirectory(path: String(cString: made))
        try Self.copy(source.database, to: directory.database)
        try Self.copy(source.log, to: directory.log)
    }

    deinit {
        for file in [directory.database, directory.log, directory.database + "-shm"] {
            unlink(file)
        }
        rmdir(directory.path)
    }

    private static func copy(_ source: String, to target: String) throws(BufferError) {
        let from = open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard from >= 0 else { throw .unusable(path: source, reason: .errno(errno)) }
        defer { close(from) }
        let to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard to >= 0 else { throw .unusable(path: target, reason: .errno(errno)) }
        defer { close(to) }
        while true {
            let count = sendfile(to, from, nil, 16 << 20)
            guard count >= 0 else { throw .unusable(path: target, reason: .errno(errno)) }
            if count == 0 { return }
        }
    }
}
