// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

// Consumers: what they have acknowledged, and how far they are behind.

extension Stream {
    /// A consumer as it stands; `nil` if there is none of that name.
    func consumer(_ name: String) throws(BufferError) -> Consumer? {
        guard let sequence = try acknowledged(by: name) else { return nil }
        return try consumer(name, at: sequence)
    }

    /// All consumers, by name.
    func consumers() throws(BufferError) -> [Consumer] {
        var consumers: [Consumer] = []
        for row in try positions() {
            consumers.append(try consumer(row.name, at: row.sequence))
        }
        return consumers
    }

    func consumerNames() throws(BufferError) -> [String] {
        try consumerRows().map(\.name)
    }

    func acknowledged(by name: String) throws(BufferError) -> Int64? {
        try positions().first { $0.name == name }?.sequence
    }

    /// What every consumer has acknowledged; `nil` without consumers.
    func acknowledgedByAll() throws(BufferError) -> Int64? {
        try positions().map(\.sequence).min()
    }

    func consumer(_ name: String, at sequence: Int64) throws(BufferError) -> Consumer {
        var consumer = Consumer(
            name: name, cursor: cursor(sequence), lagBatches: 0, lagReadings: 0, lag: .zero,
            holdsBackBytes: 0)
        guard let oldest = try oldest(after: sequence), let newest = try newestBatch() else {
            return consumer
        }
        consumer.lagBatches = try batches(from: oldest.sequence, to: newest.sequence)
        (consumer.lagReadings, consumer.holdsBackBytes) = try kept(after: sequence)
        let gathered = Duration.milliseconds(
            max(0, oldest.sealed.milliseconds &- oldest.first.milliseconds))
        consumer.lag = newest.elapsed(since: oldest) + (oldest.gathered ?? gathered)
        return consumer
    }

    /// How many batches are kept between two that are, both included: all the sequences but
    /// those of losses.
    func batches(from oldest: Int64, to newest: Int64) throws(BufferError) -> Int {
        let lost = try database.first(
            "SELECT total(to_seq - from_seq + 1) FROM lost WHERE from_seq > ?", .integer(oldest)
        ) { $0.count(0) }
        return Int(newest - oldest) + 1 - (lost ?? 0)
    }
}

// Each can be begun anew after a failure of the disk: what was tried before, and is found done, was
// done by this call.
extension Store {
    /// Makes the consumer if it is new.
    func register(
        _ name: String, start: Position
    ) throws(BufferError) -> (consumer: Consumer, isNew: Bool) {
        guard Consumer.isName(name) else { throw .consumer(.badName) }
        var isTried = false
        return try steadily { () throws(BufferError) in
            if let there = try stream.consumer(name) { return (there, isTried) }
            let count = try database.first("SELECT count(*) FROM consumer") { $0.count(0) } ?? 0
            guard count < Consumer.maxCount else { throw .consumer(.tooMany) }
            let sequence = try stream.resolve(start)
            isTried = true
            try write { () throws(BufferError) in
                try database.put(ConsumerRow(name: name, sequence: sequence))
            }
            try know(consumers.union([name]))
            return (try stream.consumer(name, at: sequence), true)
        }
    }

    /// `false` if there was none.
    func remove(_ name: String) throws(BufferError) -> Bool {
        var isTried = false
        return try steadily { () throws(BufferError) in
            guard try stream.acknowledged(by: name) != nil else { return isTried }
            isTried = true
            try write { () throws(BufferError) in
                try database.run("DELETE FROM consumer WHERE name = ?", .text(name))
            }
            try know(consumers.subtracting([name]))
            return true
        }
    }

    /// Moves the consumer's cursor forward, never back.
    func acknowledge(
        _ cursor: Cursor, for name: String, ifMatch: Cursor?
    ) throws(BufferError) -> (consumer: Consumer, moved: Bool) {
        var isTried = false
        return try steadily { () throws(BufferError) in
            guard let present = try stream.acknowledged(by: name) else {
                throw .consumer(.unknown)
            }
            let sequence = try stream.resolve(.after(cursor))
            guard !isTried || sequence > present else {
                return (try stream.consumer(name, at: present), true)
            }
            if let ifMatch, ifMatch != stream.cursor(present) {
                throw .consumer(.changed(stream.cursor(present)))
            }
            guard sequence > present else {
                return (try stream.consumer(name, at: present), false)
            }
            isTried = true
            try write { () throws(BufferError) in
                try database.put(ConsumerRow(name: name, sequence: sequence))
            }
            return (try stream.consumer(name, at: sequence), true)
        }
    }

    /// Takes note of who reads, in the mark, too: salvage asks it.
    func know(_ names: Set<String>) throws(BufferError) {
        consumers = names
        holding.readers = ConsumerRow.digest(of: names)
        writeMark(try stream.tally() ?? Tally())
    }

    private func write(_ change: () throws(BufferError) -> Void) throws(BufferError) {
        try insisting { () throws(BufferError) in
            try prepareLog(for: 0)
            try database.transaction(change)
        }
    }
}
