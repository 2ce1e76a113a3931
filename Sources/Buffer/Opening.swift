// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// Opens the buffer in a directory that may hold anything, and tells what it had to do.
///
/// | the database | the mark | then |
/// |---|---|---|
/// | is absent | there is none | a new one |
/// | is absent | tells of one | a new epoch; what was kept is lost |
/// | is in quarantine, and none in its place | | a new epoch: a crash came in between |
/// | is another program's, in good order | | refused, untouched |
/// | is no database | there is no such file | refused, untouched |
/// | is no database | cannot be read | kept in quarantine: whose it is, and what it held, nobody knows |
/// | cannot be believed | or there is none, but the header is ours | quarantine, a new epoch |
/// | is of a newer schema | or is newer itself | refused, untouched |
/// | holds all of a log that has rotted | | goes on without the log |
/// | holds a part of it | | quarantine: SQLite would lay older pages over newer ones |
/// | lies beside the log of another one | | goes on without that log, which is set aside |
/// | is another one beside our log | of the log's epoch | quarantine, a new epoch |
/// | is sound, and behind the mark | of its epoch | what the log still holds up to the mark comes
///   back, the rest is lost |
/// | is sound | of an epoch that it knows as ended | it goes on (a crash came before the mark) |
/// | is sound | of any other epoch | quarantine, a new epoch: how far its own epoch had come
///   elsewhere nobody knows, and no sequence may be used twice |
///
/// What lies in quarantine is for salvage; `EndedEpoch.owed` says how many records that are.
struct Opening {
    private let directory: BufferDirectory
    private let file: MarkFile
    /// Who reads, as far as it is known without the database.
    private let consumers: Set<String>
    private(set) var events: [BufferEvent] = []

    /// To be made when the directory is locked.
    init(_ directory: BufferDirectory, _ file: MarkFile, for consumers: Set<String>) {
        self.directory = directory
        self.file = file
        self.consumers = consumers
    }

    /// Throws if what is there must not be touched, before it is.
    static func check(_ directory: BufferDirectory, _ file: MarkFile) throws(BufferError) {
        if case .unreadable = try directory.content(), file.isThere { return }
        guard try directory.check(), let schema = LogInspection(directory)?.schema,
            BufferDirectory.isNewer(schema)
        else { return }
        throw .unusable(path: directory.database, reason: .newerSchema(schema))
    }

    mutating func open() throws(BufferError) -> Holding {
        var holding: Holding
        switch try directory.content() {
        case .ours: holding = try openOurs()
        case .foreign: throw .unusable(path: directory.database, reason: .foreign)
        case .unreadable(let reason):
            guard file.isThere else {
                throw .unusable(path: directory.database, reason: reason)
            }
            holding = try replace(because: .corruption, of: file.mark?.epoch)
        case .newer(let version):
            throw .unusable(path: directory.database, reason: .newerSchema(version))
        case .absent:
            if let waiting = Quarantine.underWay(in: directory, of: file.mark?.epoch) {
                // A crash came before the next database: it may have been another one than ours.
                let isOurs = file.mark.map { $0.epoch == waiting.epoch } ?? true
                holding = try replace(
                    because: isOurs ? .corruption : .replaced, of: waiting.epoch)
            } else if file.mark == nil, BufferDirectory.size(of: directory.log) == 0 {
                holding = try Holding(founding: Schema.Founding(epoch: .random), in: directory)
            } else {
                holding = try replace(because: .missing, of: file.mark?.epoch)
            }
        }
        return try finished(holding)
    }

    /// Opens what this process had open before, and its readers have: to close any descriptor of it
    /// would give up their locks (`File`), so that only SQLite looks at it. What lies in its place
    /// by now is found out, too: whose it is stands in its pages.
    mutating func reopen() throws(BufferError) -> Holding {
        guard BufferDirectory.size(of: directory.database) > 0 else { return try open() }
        return try finished(openSteadily(nil))
    }

    /// Replaces what is there, which was sound when it was opened.
    mutating func replace() throws(BufferError) -> Holding {
        try finished(replace(because: .corruption, of: file.mark?.epoch))
    }

    private mutating func finished(_ holding: Holding) throws(BufferError) -> Holding {
        // By now the log has its name. SQLite makes that last with the first commit, and does not
        // mind where it fails (unixSync, os_unix.c): a power cut would take every commit with it.
        guard BufferDirectory.sync(directory.path) == 0 else { throw .notSynced }
        let code = file.write(holding.mark(try holding.stream.tally() ?? Tally()))
        if code != 0 { events.append(.markNotWritten(errno: code)) }
        try Quarantine.conclude(directory)
        return holding
    }

    private mutating func openOurs() throws(BufferError) -> Holding {
        if let owner = LogOwner(directory), owner.log != owner.file {
            guard owner.log != file.mark?.epoch else {
                return try replace(because: .replaced, of: owner.log)
            }
            try Quarantine.setLogAside(directory)
            events.append(.logForeign(owner.log))
        }
        var tail: LogTail?
        if let log = LogInspection(directory), log.isTorn {
            if log.rotten > 0 { events.append(.logDamaged(commits: log.rotten)) }
            switch log.held {
            case .none: tail = LogTail(directory, isRotten: log.rotten > 0)
            case .some: return try replace(because: .corruption, of: file.mark?.epoch)
            case .all: try log.drop(directory)
            }
        }
        return try openSteadily(tail)
    }

    /// A disk that fails once can look like damage; what is damaged is so twice.
    private mutating func openSteadily(_ tail: LogTail?) throws(BufferError) -> Holding {
        for _ in 0..<2 {
            do throws(BufferError) {
                try directory.renewLog()
                let holding = try compare(with: file.mark, and: tail)
                try holding.database.checkpoint(.truncate)
                holding.database.ownLog()
                return holding
            } catch {
                guard error.isUnreadable else { throw error }
                // What failed while nothing could be read proves nothing.
                guard !directory.isOutOfReach else { throw .outOfReach }
            }
        }
        return try replace(because: .corruption, of: file.mark?.epoch)
    }

    /// The database as it is there, brought to what the mark says, with what the log holds of it.
    private mutating func compare(
        with mark: Mark?, and tail: LogTail?
    ) throws(BufferError) -> Holding {
        let (database, version) = try Schema.open(directory)
        if version < BufferDirectory.schema { events.append(.migrated(from: version)) }
        guard let epoch = try Schema.epoch(of: database) else { throw .unreadable("epoch") }
        var holding = try Holding(Stream(database: database, epoch: epoch))
        guard let mark else {
            // The first Millpond had none.
            if version == BufferDirectory.schema { events.append(.markMade) }
            if let tail, tail.isRotten {
                let mark = try tail.mark(after: holding)
                events += try holding.regain(tail, before: mark, isMark: false)
            }
            return holding
        }
        if mark.epoch == epoch {
            events += try holding.regain(tail ?? LogTail(), before: mark)
            try holding.limitDebts(to: mark.owed)
            holding.believe(mark)
            return holding
        }
        guard !holding.ended.contains(where: { $0.epoch == mark.epoch }) else {
            return holding
        }
        return try replace(because: .replaced, of: epoch)
    }
}

extension Opening {
    private mutating func replace(
        because reason: EndedEpoch.Reason, of epoch: Epoch?
    ) throws(BufferError) -> Holding {
        let replacement = try Replacement(directory, file.mark, because: reason, of: epoch)
        events += replacement.events
        return try replacement.begin(for: consumers)
    }
}
