// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

extension BufferDirectory {
    /// What lies where the database belongs, and whose it is.
    enum Content: Equatable {
        case absent
        case ours
        /// Ours, of a schema that only a newer program knows.
        case newer(Int)
        /// Another program's, in good order: nobody but its owner may move it.
        case foreign
        /// Bytes that no program would call its database, or a bad sector in their place. Where
        /// nobody knows of a database of ours they are somebody's: then this is what is told.
        case unreadable(BufferError.Unusable)
    }

    /// What the first bytes say, and the tables where those are not ours.
    func content() throws(BufferError) -> Content {
        let file = open(database, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            if errno == ENOENT { return .absent }
            throw .unusable(path: database, reason: .errno(errno))
        }
        defer { close(file) }
        var header = [UInt8](repeating: 0, count: 100)
        let count = File.beginning(of: file, into: &header, header.count)
        guard count >= 0 else {
            guard errno == EIO else { throw .unusable(path: database, reason: .errno(errno)) }
            return .unreadable(.errno(EIO))
        }
        if count == 0 { return .absent }
        // The version and whose it is (sqlite.org/fileformat2.html, §1.3).
        let fields = PageBytes(header[..<count])
        if header.starts(with: "SQLite format 3\0".utf8),
            let version = fields.number(at: 60, size: 4),
            let application = fields.number(at: 68, size: 4), application == Self.applicationID
        {
            return Self.isNewer(version) ? .newer(version) : .ours
        }
        return isAnothers ? .foreign : .unreadable(.foreign)
    }

    /// Whether it is a sound database that has tables, and none of ours: a flipped bit in the field
    /// that says whose it is makes none of ours another's.
    private var isAnothers: Bool {
        // Whatever cannot be read is in no good order.
        guard let database = try? Database(path: database, mode: .readFileAlone) else {
            return false
        }
        let isAnothers = try? database.first(
            """
            SELECT count(*), total(sql GLOB '*from_seq*' OR sql GLOB '*total_readings*')
            FROM sqlite_schema WHERE type = 'table'
            """
        ) { $0.count(0) > 0 && $0.count(1) == 0 }
        return isAnothers ?? false
    }

    /// Whether there is a database; throws if it is not one of ours, or too new for us.
    func check() throws(BufferError) -> Bool {
        switch try content() {
        case .absent: return false
        case .ours: return true
        case .foreign: throw .unusable(path: database, reason: .foreign)
        case .unreadable(let reason): throw .unusable(path: database, reason: reason)
        case .newer(let version): throw .unusable(path: database, reason: .newerSchema(version))
        }
    }

    /// Whether nothing can be read of what is there: then the disk has failed, and not a part of
    /// it, and what it holds is not to be given up.
    var isOutOfReach: Bool {
        let codes = [mark, database].map { path in
            let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            guard file >= 0 else { return errno }
            defer { close(file) }
            var byte: UInt8 = 0
            return read(file, &byte, 1) < 0 ? errno : 0
        }
        return codes.contains(EIO) && codes.allSatisfy { $0 == EIO || $0 == ENOENT }
    }
}
