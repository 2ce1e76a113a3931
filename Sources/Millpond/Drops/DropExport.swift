// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer

/// One export of a buffer into a folder of drops.
struct DropExport {
    let buffer: OfflineBuffer
    let folder: DropFolder
    /// The drops of the folder, those that were written among them.
    private(set) var drops: [Drop]
    private(set) var written: [Drop] = []
    /// Files of records without a manifest that are not what the buffer has now: they stay as they
    /// are, unless a new one is of the same name.
    private(set) var unlike: [DropName] = []
    private let unfinished: [DropName]

    /// Why nothing is written after a cursor.
    struct Occupied: Error {
        /// What holds something of it already.
        let drop: Drop
    }

    init(of buffer: OfflineBuffer, into folder: DropFolder) throws(DropFolder.Failure) {
        self.buffer = buffer
        self.folder = folder
        let content = try folder.content()
        drops = content.drops
        unfinished = content.unfinished
    }

    /// Where the next drop begins: after the newest of the epoch, else after the end of what there is.
    func end() throws -> Cursor {
        try last(beside: buffer.epoch)?.to ?? buffer.place(of: .earliest)
    }

    /// Gives files of records that have no manifest theirs. What follows such a file may name its
    /// digest: so the very same bytes must be in the buffer still.
    mutating func complete() throws {
        let newest = try buffer.place(of: .latest)
        for name in unfinished where name.to.epoch == buffer.epoch {
            guard name.to.sequence <= newest.sequence,
                !drops.contains(where: { $0.name.meets(name) })
            else { continue }
            var after = Cursor(epoch: buffer.epoch, sequence: name.from.sequence - 1)
            if after.sequence == 0, let last = last(beside: nil) { after = last.to }
            var writer = writer(.completing, size: .max, after: after)
            try add(to: &writer, after: after, through: name.to)
            if try writer.complete(name) { take(writer.written) } else { unlike.append(name) }
        }
    }

    /// Writes what follows `after`, up to `through`, in drops of `size`.
    mutating func write(after: Cursor, through: Cursor?, size: Int) throws {
        let through = try through ?? buffer.place(of: .latest)
        if let drop = drops.first(where: { $0.holds(after: after, through: through) }) {
            throw Occupied(drop: drop)
        }
        var writer = writer(.writing, size: size, after: after)
        try add(to: &writer, after: after, through: through)
        try writer.finish()
        take(writer.written)
        let names = writer.written.map(\.name)
        unlike.removeAll(where: names.contains)
    }

    private mutating func take(_ drops: [Drop]) {
        self.drops += drops
        written += drops
    }

    private func writer(
        _ purpose: DropWriter.Purpose, size: Int, after: Cursor
    ) -> DropWriter {
        DropWriter(
            purpose, into: folder, size: size, after: after,
            sha256: drops.first { $0.to == after }?.sha256)
    }

    private func add(to writer: inout DropWriter, after: Cursor, through: Cursor) throws {
        var start = after
        if after.epoch != buffer.epoch {
            start = Cursor(epoch: buffer.epoch, sequence: 0)
            guard through != start else { return }
            let reason = try buffer.ending(of: after.epoch)
            try writer.add(.epoch(from: after.epoch, to: buffer.epoch, reason: reason.rawValue))
        }
        try buffer.items(
            in: OfflineBuffer.Selection(after: .after(start), through: through.sequence)
        ) { try writer.add($0) }
    }

    /// The drop that the next one follows: the newest of the epoch, else the end of what there is.
    private func last(beside epoch: Epoch?) -> Drop? {
        let ofEpoch = drops.filter { $0.to.epoch == epoch }
        if let newest = ofEpoch.max(by: { $0.to.sequence < $1.to.sequence }) { return newest }
        let followed = Set(drops.map(\.after))
        return drops.last { !followed.contains($0.to) && $0.to.epoch != buffer.epoch }
    }
}

extension Drop {
    /// Whether it holds something of what follows a cursor, up to another one.
    fileprivate func holds(after: Cursor, through: Cursor) -> Bool {
        guard to.epoch == after.epoch else {
            return to.epoch == through.epoch && from.sequence <= through.sequence
        }
        return to.sequence > after.sequence
            && (after.epoch != through.epoch || from.sequence <= through.sequence)
    }
}
