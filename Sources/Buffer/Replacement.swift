// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// A new epoch in the place of one whose database cannot be gone on with.
struct Replacement {
    private let directory: BufferDirectory
    private let quarantine: Quarantine
    private let remains: Remains
    /// Epochs that are over by this.
    private let endings: [EndedEpoch]
    private let epoch: Epoch
    let events: [BufferEvent]

    /// Moves what is there of an epoch's database into quarantine; `mark` is what stands beside it,
    /// and `ended` is `nil` where nobody knows whose it is.
    init(
        _ directory: BufferDirectory, _ mark: Mark?, because reason: EndedEpoch.Reason,
        of ended: Epoch?
    ) throws(BufferError) {
        guard !directory.isOutOfReach else { throw .outOfReach }
        self.directory = directory
        // Without a mark its pages alone tell what it was.
        let found = mark == nil ? Self.ending(in: directory, of: ended, because: reason) : nil
        let ended = ended ?? found?.epoch
        quarantine = Quarantine(directory, of: ended)
        try quarantine.take()
        remains = Remains(quarantine.files)
        var endings: [EndedEpoch] = []
        if let mark, mark.epoch != ended {
            endings.append(EndedEpoch(mark, because: .missing))
        }
        if let ended = ended ?? remains.epoch {
            let mark = mark.flatMap { $0.epoch == ended ? $0 : nil }
            let last = remains.newest(than: mark, of: ended)
            let ending = last.map { EndedEpoch($0, because: reason) } ?? found
            if let ending { endings.append(ending) }
        }
        let epoch = Epoch.random
        self.endings = endings
        self.epoch = epoch
        let isUnknown = endings.isEmpty && quarantine.isThere
        events =
            endings.map { .replaced($0, by: epoch) }
            + (isUnknown ? [.unrecognised(path: quarantine.files.path)] : [])
            + (mark == nil ? [.markMade] : [])
    }

    /// What the pages say of a database that is about to be replaced, or has been moved already.
    private static func ending(
        in directory: BufferDirectory, of epoch: Epoch?, because reason: EndedEpoch.Reason
    ) -> EndedEpoch? {
        let files = Quarantine.underWay(in: directory, of: epoch)?.files ?? directory
        return DamagedDatabase(database: files.database, log: files.log)?
            .ending(of: epoch, because: reason)
    }

    /// Begins the new epoch. Those who read the one before, `consumers` and who is found, are owed
    /// all of it.
    func begin(for consumers: Set<String>) throws(BufferError) -> Holding {
        var holding = try Holding(
            founding: Schema.Founding(
                epoch: epoch, ended: (remains.ended + endings).suffix(Self.remembered),
                consumers: consumers.union(remains.consumers).sorted()),
            in: directory)
        // What lies in quarantine is for salvage; there is nothing else to wait for.
        if !quarantine.isThere { try holding.settle() }
        return holding
    }

    /// Epochs that a stream remembers: a database that breaks every day would be looked after.
    private static let remembered = 64
}

extension Holding {
    /// A new database in a directory without one.
    init(
        founding: Schema.Founding, in directory: BufferDirectory
    ) throws(BufferError) {
        try Schema.found(directory, with: founding)
        let (database, _) = try Schema.open(directory)
        database.ownLog()
        try self.init(Stream(database: database, epoch: founding.epoch))
    }
}

extension EndedEpoch {
    fileprivate init(_ mark: Mark, because reason: Reason) {
        self.init(
            epoch: mark.epoch, newest: mark.newest, reason: reason, time: mark.sealed,
            owed: mark.atStake)
        readers = mark.readers
        // What had gone before is not looked for.
        salvaged = max(0, mark.oldest - 1)
        first = mark.oldest > 0 ? min(mark.first, mark.sealed) : mark.sealed
    }
}

extension Epoch {
    /// One that nobody has had.
    static var random: Epoch {
        var generator = SystemRandomNumberGenerator()
        return Epoch(using: &generator)
    }
}
