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
        quarantine = Quarantine(directory, of: ended)
        try quarantine.take()
        remains = Remains(quarantine.files)
        var endings: [EndedEpoch] = []
        if let mark, mark.epoch != ended {
            endings.append(EndedEpoch(mark, because: .missing))
        }
        if let ended = ended ?? remains.epoch {
            let mark = mark.flatMap { $0.epoch == ended ? $0 : nil }
            if let last = remains.newest(than: mark, of: ended) {
                endings.append(EndedEpoch(last, because: reason))
            }
        }
        let epoch = Epoch.random
        self.endings = endings
        self.epoch = epoch
        events = endings.isEmpty ? [.markMade] : endings.map { .replaced($0, by: epoch) }
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
    }
}

extension Epoch {
    /// One that nobody has had.
    static var random: Epoch {
        var generator = SystemRandomNumberGenerator()
        return Epoch(using: &generator)
    }
}
