// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// `quarantine/<epoch>/`: a database that cannot be believed any more, with its log, as it was.
///
/// There is one at most: an older one is removed first, since the directory has a bound. Nothing is
/// moved or removed that is not ours: another program's database stays where it is, and so does
/// whatever else lies in `quarantine/`.
struct Quarantine {
    private let directory: BufferDirectory
    /// Whose database it is; a word that is no epoch where nobody knows.
    let name: String

    init(_ directory: BufferDirectory, of epoch: Epoch?) {
        self.init(directory, name: epoch?.text ?? Self.unknown)
    }

    private init(_ directory: BufferDirectory, name: String) {
        self.directory = directory
        self.name = name
    }

    private static let unknown = "unknown"
    /// Where another database's log is set aside; the last one, as there is one at most.
    private static let foreign = "foreign"

    /// The files as they lie there, by the names that they had.
    var files: BufferDirectory { BufferDirectory(path: directory.quarantine + "/" + name) }

    /// All that we ever put there; the index comes of looking into it.
    private var paths: [String] { [files.database, files.log, files.index, underWay] }

    /// There from before the database is moved until another one has taken its place.
    private var underWay: String { files.path + "/under-way" }

    /// Whether there is something that records could be salvaged from.
    var isThere: Bool {
        [files.database, files.log].contains { BufferDirectory.size(of: $0) > 0 }
    }

    /// The one that a crash has left between two databases: the next one is still to be made.
    /// Where there is more than one, that of `epoch`, the mark's.
    static func underWay(in directory: BufferDirectory, of epoch: Epoch?) -> Quarantine? {
        let waiting = all(in: directory).filter { access($0.underWay, F_OK) == 0 && $0.isThere }
        return waiting.first { $0.epoch == epoch } ?? waiting.first
    }

    /// Says that another database is in place, for good: were it said of two, nobody would know
    /// which is next.
    static func conclude(_ directory: BufferDirectory) throws(BufferError) {
        for quarantine in all(in: directory) where unlink(quarantine.underWay) == 0 {
            guard BufferDirectory.sync(quarantine.files.path) == 0 else { throw .notSynced }
        }
    }

    /// Whose database it is.
    var epoch: Epoch? { Epoch(name) }

    /// Moves what is there of the database into it. The database goes first: a crash then leaves a
    /// log without a database, which is moved by the next call, and never a database that could be
    /// opened without its log.
    func take() throws(BufferError) {
        if try directory.content() == .foreign {
            throw .unusable(path: directory.database, reason: .foreign)
        }
        try Self.makeDirectory(directory.quarantine)
        for other in Self.all(in: directory) where other.name != name { try other.remove() }
        try Self.makeDirectory(files.path)
        let file = open(underWay, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard file >= 0 else { throw .unusable(path: underWay, reason: .errno(errno)) }
        close(file)
        try sync()
        for (source, target) in [
            (directory.database, files.database), (directory.log, files.log),
        ] where BufferDirectory.size(of: source) > 0 {
            try BufferDirectory.rename(source, to: target)
            // Else the second name could last alone, where a file system does not order them.
            try sync()
        }
        try BufferDirectory.remove(directory.index)
        try sync()
    }

    /// Moves a log that is not of the database beside it; what else is in quarantine may be owed.
    static func setLogAside(_ directory: BufferDirectory) throws(BufferError) {
        let quarantine = Quarantine(directory, name: foreign)
        try makeDirectory(directory.quarantine)
        try makeDirectory(quarantine.files.path)
        try BufferDirectory.rename(directory.log, to: quarantine.files.log)
        try BufferDirectory.remove(directory.index)
        try quarantine.sync()
    }

    private func sync() throws(BufferError) {
        for changed in [files, BufferDirectory(path: directory.quarantine), directory] {
            try changed.sync()
        }
    }

    private func remove() throws(BufferError) {
        for path in paths { try BufferDirectory.remove(path) }
        // What somebody else has put beside them keeps their directory.
        guard rmdir(files.path) == 0 || [ENOENT, ENOTEMPTY, EEXIST].contains(errno) else {
            throw .unusable(path: files.path, reason: .errno(errno))
        }
    }

    /// Removes what nobody is owed any more, unless there is little of it, or nobody knows whose it
    /// is; whether it did.
    static func tidy(_ directory: BufferDirectory) throws(BufferError) -> Bool {
        let known = all(in: directory).filter { $0.name != unknown }
        guard !known.isEmpty, bytes(in: directory) > keptRemains else { return false }
        for quarantine in known { try quarantine.remove() }
        try BufferDirectory(path: directory.quarantine).sync()
        return true
    }

    /// So much of a damaged database is kept for whoever wants to know what was wrong with it.
    private static let keptRemains = 16 << 20

    /// Bytes that a directory's quarantine takes of the disk.
    static func bytes(in directory: BufferDirectory) -> Int {
        all(in: directory).flatMap(\.paths).reduce(0) { $0 + FileSystem.allocated(by: $1) }
    }

    private static func makeDirectory(_ path: String) throws(BufferError) {
        guard mkdir(path, 0o750) == 0 || errno == EEXIST else {
            throw .unusable(path: path, reason: .errno(errno))
        }
    }

    /// Those that are there: whatever has another name was put there by somebody else.
    private static func all(in directory: BufferDirectory) -> [Quarantine] {
        var all: [Quarantine] = []
        for name in FileSystem.names(in: directory.quarantine) {
            guard [unknown, foreign].contains(name) || Epoch(name) != nil else { continue }
            let quarantine = Quarantine(directory, name: name)
            var status = stat()
            guard lstat(quarantine.files.path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR
            else { continue }
            all.append(quarantine)
        }
        return all
    }
}
