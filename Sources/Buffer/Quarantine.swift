// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// `quarantine/<epoch>/`: a database that cannot be believed any more, with its log, as it was.
///
/// There is one at most: an older one is removed first, since the directory has a bound.
struct Quarantine {
    private let directory: BufferDirectory
    /// Whose database it is; a word that is no epoch where nobody knows.
    let name: String

    init(_ directory: BufferDirectory, of epoch: Epoch?) {
        self.directory = directory
        name = epoch?.text ?? "unknown"
    }

    /// The files as they lie there, by the names that they had.
    var files: BufferDirectory { BufferDirectory(path: directory.quarantine + "/" + name) }

    /// Whether there is something that records could be salvaged from.
    var isThere: Bool {
        [files.database, files.log].contains { BufferDirectory.size(of: $0) > 0 }
    }

    /// Moves what is there of the database into it. The database goes first: a crash then leaves a
    /// log without a database, which is moved by the next call, and never a database that could be
    /// opened without its log.
    func take() throws(BufferError) {
        try Self.makeDirectory(directory.quarantine)
        for other in FileSystem.names(in: directory.quarantine) where other != name {
            try Self.removeDirectory(directory.quarantine + "/" + other)
        }
        try Self.makeDirectory(files.path)
        for (source, target) in [
            (directory.database, files.database), (directory.log, files.log),
        ] where BufferDirectory.size(of: source) > 0 {
            try BufferDirectory.rename(source, to: target)
        }
        try BufferDirectory.remove(directory.index)
        for changed in [files, BufferDirectory(path: directory.quarantine), directory] {
            try changed.sync()
        }
    }

    /// Removes what nobody is owed any more, unless there is little of it; whether it did.
    static func tidy(_ directory: BufferDirectory) throws(BufferError) -> Bool {
        guard bytes(in: directory) > keptRemains else { return false }
        for name in FileSystem.names(in: directory.quarantine) {
            try removeDirectory(directory.quarantine + "/" + name)
        }
        try BufferDirectory(path: directory.quarantine).sync()
        return true
    }

    /// So much of a damaged database is kept for whoever wants to know what was wrong with it.
    private static let keptRemains = 16 << 20

    /// Bytes that a directory's quarantine takes of the disk.
    static func bytes(in directory: BufferDirectory) -> Int {
        FileSystem.names(in: directory.quarantine).reduce(0) { sum, name in
            let path = directory.quarantine + "/" + name
            return FileSystem.names(in: path).reduce(sum) {
                $0 + FileSystem.allocated(by: path + "/" + $1)
            }
        }
    }

    private static func makeDirectory(_ path: String) throws(BufferError) {
        guard mkdir(path, 0o750) == 0 || errno == EEXIST else {
            throw .unusable(path: path, reason: .errno(errno))
        }
    }

    private static func removeDirectory(_ path: String) throws(BufferError) {
        for name in FileSystem.names(in: path) { try BufferDirectory.remove(path + "/" + name) }
        guard rmdir(path) == 0 || errno == ENOENT else {
            // Something else was put there: a file, or a directory with directories.
            guard errno == ENOTDIR else { throw .unusable(path: path, reason: .errno(errno)) }
            return try BufferDirectory.remove(path)
        }
    }
}
