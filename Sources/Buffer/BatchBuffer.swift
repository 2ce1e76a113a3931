// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment

/// Keeps records durable and ordered until they are acknowledged or the limit takes them.
///
/// One thread of its own does all writes and checkpoints; readers have connections of their own.
package final class BatchBuffer: Sendable {
    /// Where the buffer is, whose it is, and what it may take.
    package struct Settings: Sendable {
        /// Created if it is missing; its parent is not.
        package var directory: String
        /// Who seals: each batch says so.
        package var gateway: String
        /// Where the gateway stands, if somebody said so.
        package var site: String?
        /// Bytes that the database may take, at least `minimumLimit`.
        package var limit: Int
        /// How long a batch stays after every consumer has acknowledged it.
        package var keepAcknowledged: Duration
        /// What becomes of the oldest when there is no more room.
        package var whenFull = WhenFull.drop

        package init(
            directory: String, gateway: String, site: String?, limit: Int,
            keepAcknowledged: Duration
        ) {
            self.directory = directory
            self.gateway = gateway
            self.site = site
            self.limit = max(limit, BatchBuffer.minimumLimit)
            self.keepAcknowledged = keepAcknowledged
        }
    }

    /// The least that `Settings.limit` can be, in bytes: room for some batches of a small plant.
    static let minimumLimit = 1 << 20
    /// The most records that `seal` takes at once.
    package static let maxRecords = BatchCodec.maxRecords
    /// Readers: one for a long catch-up, and one that answers in the meantime.
    private static let readers = 2

    /// The epoch of the stream, which changes when the database has to be replaced.
    package var epoch: Epoch { growth.newest.epoch }
    /// Where it is; what goes with the buffer may stand beside it.
    package var directory: String { settings.directory }
    /// The kernel's id of this boot, which batches carry; empty where there is none.
    package let boot: String
    private let settings: Settings
    private let writer: Worker<Store>
    let reader: Worker<Reader>
    private let scrub: Worker<Scrub>
    let scrubbing = ScrubLedger()
    let growth: Growth
    let allowance: Allowance
    let incidents: Incidents

    /// Opens or creates the buffer in a directory and locks it for this process; `tell` is given
    /// what happens to the buffer itself, on one of its threads.
    package init(
        _ settings: Settings, tell: @escaping @Sendable (BufferEvent) -> Void = { _ in }
    ) throws(BufferError) {
        boot = BufferDirectory.bootID()
        let incidents = Incidents()
        let store = try Store(settings, boot: boot) { event in
            incidents.add(event)
            tell(event)
        }
        let growth = Growth(newest: store.reached)
        // All that can fail comes before there are threads: they would keep the lock for a moment.
        let directory = BufferDirectory(path: settings.directory)
        var readers: [Reader] = []
        for _ in 0..<Self.readers {
            readers.append(try Reader(directory))
        }
        let scrubber = try Reader(directory)
        self.settings = settings
        allowance = store.space.allowance
        self.incidents = incidents
        self.growth = growth
        reader = try Worker(readers, .patient)
        let writer = try Worker([store]) { store in
            defer { growth.reach(store.reached) }
            return store.upkeep()
        }
        self.writer = writer
        let scrub = Scrub(
            scrubber, epoch: { growth.newest.epoch }, ledger: scrubbing
        ) { [scrubbing] finding in
            writer.post { store in
                // What fails here is found again by the next pass, or whoever reads it.
                try? store.see(to: finding)
                growth.reach(store.reached)
                scrubbing.isReported = false
            }
        }
        self.scrub = try Worker([scrub], .patient) { $0.upkeep() }
    }

    /// Does `body` on the writer's thread, and tells those who wait what has come of it.
    func write<Success: Sendable>(
        _ body: @escaping @Sendable (Store) throws(BufferError) -> Success
    ) async throws(BufferError) -> Success {
        let growth = growth
        return try await writer.run { store throws(BufferError) in
            defer { growth.reach(store.reached) }
            return try body(store)
        }
    }

    /// Does `body` on a reader's thread, in the present epoch. What looks damaged twice is damaged:
    /// then the writer goes on in a new epoch, and so does `body`. Where there
    /// is no database the writer looks, too, or is about to replace it.
    func look<Success: Sendable>(
        _ body: @escaping @Sendable (Reader) throws(BufferError) -> Success
    ) async throws(BufferError) -> Success {
        let growth = growth
        let epoch = growth.newest.epoch
        do throws(BufferError) {
            return try await reader.run { reader throws(BufferError) in
                try reader.follow(growth.newest.epoch, body)
            }
        } catch  where error.isDatabaseDamage || error.isAbsence {
            let isDamaged = error.isDatabaseDamage
            try await write { store throws(BufferError) in
                if isDamaged { return try store.replace(epoch) }
                try store.steadily { () throws(BufferError) in }
            }
            return try await reader.run { reader throws(BufferError) in
                try reader.follow(growth.newest.epoch, body)
            }
        }
    }
}

// MARK: Writing

extension BatchBuffer {
    /// Seals `records`, at most `maxRecords`, as the next batch: when it returns, they are on disk.
    ///
    /// `losses` are runs of records that could not be kept before; each takes a sequence of its
    /// own and stands in the stream as `lost`, before the batch. `sealed` is the time now; it
    /// also tells retention what time it is. `monotonic` is from when the first of the records
    /// was gathered until now, `nil` if nobody knows. If it throws, nothing was stored.
    @discardableResult
    package func seal(
        _ records: Records, sealed: Timestamp, monotonic: ClosedRange<Uptime>? = nil,
        clock: ClockState, losses: [Loss]
    ) async throws(BufferError) -> BatchHead {
        try await write { store throws(BufferError) in
            try store.seal(
                records, sealed: sealed, monotonic: monotonic, clock: clock, losses: losses)
        }
    }

    /// For tests of durability: makes SQLite give up after that many of its instructions, once,
    /// in whatever the writer does then; 0 calls it off. Whether the one before was still to come.
    @discardableResult
    package func interrupt(after steps: Int) async throws(BufferError) -> Bool {
        try await writer.run { store throws(BufferError) in
            try store.steadily { () throws(BufferError) in
                store.database.interrupt(after: steps)
            }
        }
    }

    /// For tests of durability: has the scrub go on until it rests, and sees to what it found.
    package func scrubNow() async throws(BufferError) {
        var pause = Duration.zero
        while pause <= Scrub.delay {
            pause = try await scrub.run { (scrub) throws(BufferError) in scrub.upkeep() }
        }
        try await write { (_) throws(BufferError) in }
    }

    /// Waits for readers and the writer, checkpoints and closes the files. Whoever waits for
    /// growth is sent away; what is asked afterwards throws.
    package func close() async {
        growth.close()
        await scrub.finish()
        await reader.finish()
        // A checkpoint that fails costs nothing: the next start does it.
        await writer.finish { store in try? store.close() }
    }
}
