// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Split by what the caller does next.
package enum BufferError: Error, Hashable, Sendable {
    /// Another process has this buffer open.
    case locked(directory: String)
    /// The directory or a file in it cannot be used: missing rights, not a directory, foreign or
    /// newer content. `reason` is a fact, such as an errno or a schema number.
    case unusable(path: String, reason: Unusable)
    /// The cursor belongs to another epoch; `resume` is where this one begins.
    case otherEpoch(resume: Cursor)
    /// The cursor (or the acknowledgement) is beyond the newest batch.
    case beyondNewest(newest: Cursor)
    /// No such consumer, or its cursor is not the one that `ifMatch` says, or there are too many.
    case consumer(ConsumerFault)
    /// SQLite failed; `code` is its extended result code (sqlite.org/rescode.html).
    case storage(code: Int32, operation: String)

    /// Why a path cannot be the buffer's.
    package enum Unusable: Hashable, Sendable {
        case errno(Int32)
        case notADirectory
        /// In the place of a file of ours is something else, such as a FIFO or a link.
        case notAFile
        /// There is a database of something else, or a file that is no database.
        case foreign
        /// There is no database, and there was one: what it held, if its mark says so.
        case gone(Stake?)
        /// Our database is there, and cannot be read as one: likewise.
        case damaged(Stake?)
        /// The database, or the mark, is of a version that only a newer program knows.
        case newerSchema(Int)
    }

    /// What is wrong with a consumer, or with what is asked of it.
    package enum ConsumerFault: Hashable, Sendable {
        case unknown
        /// Its cursor is this one, not the one the caller believes.
        case changed(Cursor)
        /// `Consumer.maxCount` are there already.
        case tooMany
        /// Not 1–64 characters of A–Z a–z 0–9 . _ -
        case badName
    }
}
