// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

// The writer's part in salvage: what was found becomes batches of the present epoch.

extension Store {
    /// Does one piece of what is owed of epochs before this one; whether there may be more.
    func salvageStep() throws(BufferError) -> Bool {
        let owing = holding.ended.filter { $0.owed > 0 }
        guard
            let ended = owing.first(where: { Quarantine(directory, of: $0.epoch).isThere })
                ?? owing.first
        else {
            if let salvage { return try conclude(salvage.report) }
            return false
        }
        let quarantine = Quarantine(directory, of: ended.epoch)
        guard let salvage = salvage ?? Salvage(of: ended, in: quarantine) else {
            return try conclude(SalvageReport(epoch: ended.epoch))
        }
        self.salvage = salvage
        if let found = salvage.found {
            switch try place(for: found, after: salvage.last) {
            case .there: break
            case .awaited: return false
            case .gone: return try conclude(salvage.report)
            }
            try insisting { () throws(BufferError) in try bring(found, of: ended) }
            salvage.brought(found, upTo: newest)
            try checkpointIfDue()
            return true
        }
        switch salvage.step() {
        case .looking, .found: return true
        case .readers(let names):
            if ended.readers != ConsumerRow.digest(of: consumers) { try welcome(names) }
            return true
        case .done: return try conclude(salvage.report)
        }
    }

    /// Consumers that could not be asked for when the epoch began: they begin at its beginning.
    private func welcome(_ names: [String]) throws(BufferError) {
        let new = names.filter { !consumers.contains($0) }
        guard !new.isEmpty else { return }
        try database.transaction { () throws(BufferError) in
            for name in new.prefix(Consumer.maxCount - consumers.count) {
                try database.put(ConsumerRow(name: name, sequence: 0))
            }
        }
        try know(Set(stream.consumerNames()))
    }

    private enum Place {
        case there
        /// Readers are still to come for what would have to go for it.
        case awaited
        /// What came back has all gone again, and only younger batches are left to go for it.
        case gone
    }

    /// Whether there is room for what was found, where `last` is the newest that came back so far.
    ///
    /// There always is where the quarantined file shrinks as this one grows. Where the file system
    /// cannot do that, both share what the directory may take: what comes back then waits for
    /// readers rather than push out what came before it, which is lost otherwise.
    private func place(
        for found: Salvage.Found, after last: Int64?
    ) throws(BufferError) -> Place {
        try look()
        let excess =
            try stream.usedPages() + retention.pages(found.bytes) + Retention.reserve - maxPages
        let removals = try removals(ofExcess: excess, at: holding.time.elapsed)
        guard let last, removals.contains(where: { $0.reason != .acknowledged }) else {
            return .there
        }
        if try stream.oldest().map({ $0.sequence > last }) ?? false { return .gone }
        return consumers.isEmpty ? .there : .awaited
    }

    /// Appends batches of an epoch before this one, as they were, to this one.
    private func bring(
        _ found: Salvage.Found, of ended: EndedEpoch
    ) throws(BufferError) {
        let removals = try makeRoom(for: found.bytes, at: holding.time.elapsed)
        try prepareLog(
            for: retention.pages(found.bytes) + Self.pages(ofRemovals: removals.count))
        var next = holding
        next.tombstones += removals.count
        var owed = ended.owed - found.acknowledged
        let tally = try database.transaction { () throws(BufferError) in
            try remove(removals)
            if let last = removals.last { next.gone(through: last.sequence) }
            for sound in found.batches {
                let sealing = try Sealing(sound, at: stream.cursor(next.newest + 1))
                try database.insert(sealing, after: next.totals, at: next.time.elapsed)
                try count(sealing.produced)
                next.add(sealing, at: next.time)
                owed -= Int64(sealing.produced)
            }
            next.salvaged(ended.epoch, through: found.through, owed: max(0, owed))
            try database.run(
                "UPDATE ended SET salvaged = ?, owed = ? WHERE epoch = ?", .integer(found.through),
                .integer(max(0, owed)), .text(ended.epoch.text))
            return try stream.tally() ?? Tally()
        }
        holding = next
        writeMark(tally)
    }

    /// Tells what was not found as lost, and lets the quarantine go unless there is little of it.
    private func conclude(_ report: SalvageReport) throws(BufferError) -> Bool {
        var report = report
        report.lost = Int(holding.owed)
        var next = holding
        try next.settle()
        holding = next
        writeMark(try stream.tally() ?? Tally())
        salvage = nil
        report.remains = Quarantine.bytes(in: directory)
        report.isKept = !(try Quarantine.tidy(directory))
        tell(.salvaged(report))
        return false
    }
}

extension Sealing {
    /// The same batch, whose seal holds, at another place of the stream.
    init(_ sound: DamagedDatabase.Sound, at cursor: Cursor) throws(BufferError) {
        var head = sound.batch.head
        // Saved twice, it says what it was first: that is what a reader may have.
        head.salvaged = head.salvaged ?? head.cursor
        head.condensed = nil
        head.cursor = cursor
        try self.init(sound.batch.columns, head: head, sound.seal)
    }
}
