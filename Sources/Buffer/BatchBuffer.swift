// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment

/// Keeps records durable and ordered until they are acknowledged or the limit takes them.
///
/// One thread of its own does all writes and checkpoints; readers have connections of their own.
package final class BatchBuffer: Sendable {
    package struct Settings: Sendable {
        package var directory: String
        package var gateway: String
        package var site: String?
        /// Bytes that the database may take.
        package var limit: Int
        package var keepAcknowledged: Duration

        package init(
            directory: String, gateway: String, site: String?, limit: Int,
            keepAcknowledged: Duration
        ) {
            self.directory = directory
            self.gateway = gateway
            self.site = site
            self.limit = limit
            self.keepAcknowledged = keepAcknowledged
        }
    }

    /// Opens or creates the buffer in a directory and locks it for this process.
    package init(_ settings: Settings) throws(BufferError) { fatalError("skeleton") }

    package var epoch: Epoch { fatalError("skeleton") }

    // MARK: Writing

    /// Seals `records` as the next batch: when it returns, they are on disk.
    ///
    /// `losses` are runs of records that could not be kept before; each takes a sequence of its
    /// own and stands in the stream as `lost`.
    @discardableResult
    package func seal(
        _ records: [Record], sealed: Timestamp, clock: ClockState, losses: [Loss]
    ) async throws(BufferError) -> BatchHead { fatalError("skeleton") }

    // MARK: Reading

    /// What follows `position`: at most `limit` batches and about `maxBytes` of NDJSON, but one
    /// batch at least if there is one.
    package func read(
        after position: Position, limit: Int, maxBytes: Int
    ) async throws(BufferError) -> Page { fatalError("skeleton") }

    /// One batch; `nil` if it is not there (any more).
    package func batch(at cursor: Cursor) async throws(BufferError) -> Batch? {
        fatalError("skeleton")
    }

    /// The sequence of the newest batch (or loss), 0 in a new buffer. Never blocks.
    package var newest: Int64 { fatalError("skeleton") }

    /// Returns when `newest` exceeds `sequence`, or at once if it does; throws on cancellation.
    package func grows(beyond sequence: Int64) async throws(CancellationError) {
        fatalError("skeleton")
    }

    // MARK: Consumers

    /// Makes the consumer if it is new.
    package func register(
        _ name: String, start: Position
    ) async throws(BufferError) -> (consumer: Consumer, isNew: Bool) { fatalError("skeleton") }
    package func consumer(_ name: String) async throws(BufferError) -> Consumer? {
        fatalError("skeleton")
    }
    package func consumers() async throws(BufferError) -> [Consumer] { fatalError("skeleton") }
    /// `false` if there was none.
    package func remove(_ name: String) async throws(BufferError) -> Bool { fatalError("skeleton") }
    /// Moves the consumer's cursor forward, durably; never backwards. `ifMatch`, when given, is
    /// the cursor that the caller believes the consumer to have.
    package func acknowledge(
        _ cursor: Cursor, for name: String, ifMatch: Cursor?
    ) async throws(BufferError) -> (consumer: Consumer, moved: Bool) { fatalError("skeleton") }

    // MARK: State

    package func state() async throws(BufferError) -> BufferState { fatalError("skeleton") }

    /// Waits for the writer, checkpoints and closes the files; nothing may be called afterwards.
    package func close() async { fatalError("skeleton") }
}

/// Whether the wall clock can be believed, as adjtimex(2) sees it.
package enum ClockState: String, Sendable { case synced, unsynced, stepped }

/// Where reading begins: `after` a cursor is exclusive.
package enum Position: Hashable, Sendable { case earliest, latest, after(Cursor) }

/// Records that were produced and could not be kept.
package struct Loss: Hashable, Sendable {
    package var records: Int
    package var first: Timestamp
    package var last: Timestamp
    package var reason: LossReason
}

package enum LossReason: String, Sendable {
    /// The limit took the oldest.
    case bufferLimit = "buffer-limit"
    /// It could not be written, and memory for waiting records ran out.
    case notStored = "not-stored"
    case corruption
}

/// A range of sequences that the stream no longer holds, both ends included.
package struct LostRange: Hashable, Sendable {
    package var from: Cursor
    package var to: Cursor
    package var records: Int
    package var first: Timestamp
    package var last: Timestamp
    package var reason: LossReason
}

/// What is said of a batch beside its records.
package struct BatchHead: Hashable, Sendable {
    package var cursor: Cursor
    package var gateway: String
    package var site: String?
    package var sealed: Timestamp
    package var records: Int
    package var clock: ClockState
    /// The kernel's boot id.
    package var boot: String
    /// SHA-256 over the record lines as NDJSON gives them, 64 hex digits.
    package var sha256: String
}

/// A sealed batch: immutable, read back byte for byte the same for ever.
package struct Batch: Sendable {
    package let head: BatchHead

    /// Appends the batch line and the record lines, as NDJSON.
    package func appendNDJSON(to output: inout [UInt8]) { fatalError("skeleton") }
    /// Appends the batch line's object with its `records`, as JSON.
    package func appendJSON(to output: inout [UInt8]) { fatalError("skeleton") }
    /// Appends the readings as CSV rows (RFC 4180, CRLF), without a header.
    package func appendCSV(to output: inout [UInt8]) { fatalError("skeleton") }
    /// The columns of `appendCSV`, with its line end.
    package static let csvHeader = "time,equipment,signal,value,unit,quality,reason,cursor\r\n"
}

/// An answer to `read`.
package struct Page: Sendable {
    package enum Item: Sendable {
        case lost(LostRange)
        /// The stream goes on in another epoch.
        case epoch(from: Epoch, to: Epoch, reason: String)
        case batch(Batch)
    }
    /// In the order of the stream.
    package var items: [Item]
    /// The last cursor delivered, or where the position resolved to.
    package var next: Cursor
    package var more: Bool
}

/// A named reader whose acknowledged cursor the gateway remembers.
package struct Consumer: Hashable, Sendable {
    package var name: String
    package var cursor: Cursor
    package var lagBatches: Int
    package var lagReadings: Int
    /// Age of the oldest batch not acknowledged; zero if there is none.
    package var lag: Duration
    package var holdsBackBytes: Int
}

/// The buffer as it stands now.
package struct BufferState: Hashable, Sendable {
    package var epoch: Epoch
    package var oldest: Int64
    package var newest: Int64
    package var batches: Int
    package var readings: Int
    package var bytes: Int
    package var limit: Int
    package var oldestSealed: Timestamp?
    package var newestSealed: Timestamp?
    /// Records that the stream says are lost, since the epoch began.
    package var lostRecords: Int
}

/// Split by what the caller does next.
package enum BufferError: Error, Hashable, Sendable {
    /// Another process has this buffer open.
    case locked(directory: String)
    /// The directory or a file in it cannot be used: missing rights, not a directory, foreign or
    /// newer content. `reason` is a fact, such as a path with an errno or a schema number.
    case unusable(path: String, reason: Unusable)
    /// The cursor belongs to another epoch; `resume` is where this one begins.
    case otherEpoch(resume: Cursor)
    /// The cursor (or the acknowledgement) is beyond the newest batch.
    case beyondNewest(newest: Cursor)
    /// No such consumer, or its cursor is not the one that `ifMatch` says.
    case consumer(ConsumerFault)
    /// SQLite failed; the result code says how (extended result codes).
    case storage(code: Int32, operation: String)

    package enum Unusable: Hashable, Sendable {
        case errno(Int32)
        case notADirectory
        /// There is a database of something else.
        case foreign
        case newerSchema(Int)
    }
    package enum ConsumerFault: Hashable, Sendable { case unknown, changed(Cursor), tooMany }
}
