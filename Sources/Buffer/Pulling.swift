// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

// What those who pull ask of the buffer: pages, how it stands, and their place in it.

extension BatchBuffer {
    /// What follows `position`: at most `limit` batches and `maxBytes` of NDJSON, but one batch
    /// at least if there is one. What is lost stands where it would have been read.
    ///
    /// A cursor in the middle of a lost range is told the rest of it (`Retention` has the one
    /// exception). A damaged batch is reported as lost, `corruption`, and reading goes on.
    package func read(
        after position: Position, limit: Int, maxBytes: Int
    ) async throws(BufferError) -> Page {
        let page = try await readBatches { reader throws(BufferError) in
            try reader.page(after: position, limit: limit, maxBytes: maxBytes)
        }
        // A batch does not check, and the writer could not say so: nobody may pass it yet.
        guard !page.items.isEmpty || !page.more else { throw .outOfReach }
        return page
    }

    /// Does `work` on a reader's thread, which stands back behind those that poll and seal: to make
    /// text of a page takes as long as to read it.
    package func aside<Success: Sendable>(
        _ work: @escaping @Sendable () -> Success
    ) async throws(BufferError) -> Success {
        try await reader.run { _ throws(BufferError) in work() }
    }

    /// One batch; `nil` if it is not there (any more), or damaged.
    package func batch(at cursor: Cursor) async throws(BufferError) -> Batch? {
        try await readBatches { reader throws(BufferError) in try reader.batch(at: cursor) }
    }

    /// What `body` reads. Where it meets batches that do not check, or whose rows say otherwise, the
    /// writer looks at them, and then `body` reads once more: what was read in a bad moment is there
    /// then, and what is told as lost is lost on disk.
    func readBatches<Success: Sendable>(
        _ body: @escaping @Sendable (Reader) throws(BufferError) -> Success
    ) async throws(BufferError) -> Success {
        let (result, suspects) = try await look { reader throws(BufferError) in
            (try body(reader), reader.takeSuspects())
        }
        guard !suspects.isEmpty else { return result }
        // A failing disk keeps nobody from reading what is sound.
        try? await write { store throws(BufferError) in try store.examine(suspects) }
        return try await look { reader throws(BufferError) in
            try reader.stream.database.forget()
            defer { _ = reader.takeSuspects() }
            return try body(reader)
        }
    }

    /// What happened to the buffer itself since it was opened, the newest last.
    package var events: [BufferEvent] { incidents.all }

    /// Why the stream does not go on in `epoch` any more; `replaced` if nobody knows.
    package func ending(of epoch: Epoch) async throws(BufferError) -> EndedEpoch.Reason {
        try await look { reader throws(BufferError) in
            try reader.stream.ended().first { $0.epoch == epoch }?.reason ?? .replaced
        }
    }

    /// The sequence of the newest batch (or loss), 0 in a new buffer. Never blocks.
    package var newest: Int64 { growth.newest.sequence }

    /// Returns when `newest` exceeds `sequence`, or at once if it does; throws on cancellation,
    /// and when the buffer is closed.
    package func grows(beyond sequence: Int64) async throws(CancellationError) {
        try await growth.beyond(sequence)
    }

    /// The buffer as it stands now.
    package func state() async throws(BufferError) -> BufferState {
        let quota = allowance.now
        var state = try await look { reader throws(BufferError) in
            try reader.stream.database.snapshot { () throws(BufferError) in
                try reader.stream.state(quota)
            }
        }
        state.scrub = scrubbing.progress
        return state
    }
}

// MARK: Consumers

extension BatchBuffer {
    /// Makes the consumer if it is new; `start` does not matter if it is there.
    @discardableResult
    package func register(
        _ name: String, start: Position
    ) async throws(BufferError) -> (consumer: Consumer, isNew: Bool) {
        try await write { store throws(BufferError) in
            try store.register(name, start: start)
        }
    }

    /// A consumer as it stands; `nil` if there is none of that name.
    package func consumer(_ name: String) async throws(BufferError) -> Consumer? {
        try await look { reader throws(BufferError) in
            try reader.stream.database.snapshot { () throws(BufferError) in
                try reader.stream.consumer(name)
            }
        }
    }

    /// All consumers, by name.
    package func consumers() async throws(BufferError) -> [Consumer] {
        try await look { reader throws(BufferError) in
            try reader.stream.database.snapshot { () throws(BufferError) in
                try reader.stream.consumers()
            }
        }
    }

    /// Forgets the consumer; `false` if there was none.
    package func remove(_ name: String) async throws(BufferError) -> Bool {
        try await write { store throws(BufferError) in try store.remove(name) }
    }

    /// Moves the consumer's cursor forward, durably; never backwards. `ifMatch`, when given, is
    /// the cursor that the caller believes the consumer to have.
    @discardableResult
    package func acknowledge(
        _ cursor: Cursor, for name: String, ifMatch: Cursor?
    ) async throws(BufferError) -> (consumer: Consumer, moved: Bool) {
        try await write { store throws(BufferError) in
            try store.acknowledge(cursor, for: name, ifMatch: ifMatch)
        }
    }
}
