// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CSQLite
internal import Glibc

// What SQLite's result codes mean to whoever has to go on (sqlite.org/rescode.html).

extension BufferError {
    /// The buffer was closed before.
    static let closed = BufferError.storage(code: SQLITE_MISUSE, operation: "closed")

    /// Memory, threads or descriptors ran out.
    static func outOfMemory(_ operation: String) -> BufferError {
        .storage(code: SQLITE_NOMEM, operation: operation)
    }

    /// More records or bytes than one batch, or the whole buffer, may hold.
    package static let tooBig = BufferError.storage(code: SQLITE_TOOBIG, operation: "seal")

    /// There is no room on the disk.
    static func full(_ operation: String) -> BufferError {
        .storage(code: SQLITE_FULL, operation: operation)
    }

    /// What SQLite says of a failure. A full disk has one name here: SQLite says FULL where a write
    /// finds none, and IOERR where it is told so later (fsync) or where the log's index could not grow.
    static func failure(code: CInt, errno: CInt, _ operation: String) -> BufferError {
        let isFull =
            code == indexFull || code & 0xff == SQLITE_IOERR && [ENOSPC, EDQUOT].contains(errno)
        return isFull ? .full(operation) : .storage(code: code, operation: operation)
    }

    /// Whether there was no room, on the disk or within the pages that the database may have.
    var isFull: Bool {
        guard case .storage(let code, _) = self else { return false }
        return code == SQLITE_FULL
    }

    /// Whether the database says that its own bytes are damaged.
    var isDamage: Bool {
        guard case .storage(let code, _) = self else { return false }
        return [SQLITE_CORRUPT, SQLITE_NOTADB].contains(code & 0xff) || code == Self.unreadable
    }

    /// Whether the database as a whole cannot be believed: its bytes, or what its trees show. A
    /// constraint of our tables that fails has met a row that was not to be there, and what stood
    /// in a bad sector is gone like what has rotted.
    var isDatabaseDamage: Bool {
        guard case .storage(let code, _) = self else { return false }
        return [SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CONSTRAINT].contains(code & 0xff)
            || [Self.unreadable, Self.badSector].contains(code)
    }

    /// Whether a database that was just opened is not what ours are: damaged, or without a table.
    var isUnreadable: Bool {
        guard case .storage(let code, _) = self else { return false }
        return isDatabaseDamage || [SQLITE_ERROR, SQLITE_FORMAT].contains(code & 0xff)
    }

    /// Whether the disk has failed, so that nobody knows what it holds of the last write.
    var isDiskFailure: Bool {
        guard case .storage(let code, _) = self else { return false }
        return code & 0xff == SQLITE_IOERR
    }

    /// There is no database, or nothing in it.
    static let absent = BufferError.storage(code: SQLITE_CANTOPEN, operation: "open")

    /// Whether there is no database: it may be about to be replaced.
    var isAbsence: Bool {
        guard case .storage(let code, _) = self else { return false }
        return code & 0xff == SQLITE_CANTOPEN
    }

    /// The database says what none of ours does.
    static func unreadable(_ what: String) -> BufferError {
        .storage(code: SQLITE_CORRUPT, operation: what)
    }

    /// SQLITE_IOERR_SHMSIZE, a macro that Swift does not import.
    private static let indexFull = SQLITE_IOERR | 19 << 8
    /// SQLITE_IOERR_READ, a macro that Swift does not import.
    private static let unreadable = SQLITE_IOERR | 1 << 8
    /// SQLITE_IOERR_CORRUPTFS, likewise: what SQLite makes of EIO when it reads.
    private static let badSector = SQLITE_IOERR | 33 << 8

    /// A sync has failed (SQLITE_IOERR_FSYNC).
    static let notSynced = BufferError.storage(code: SQLITE_IOERR | 4 << 8, operation: "sync")
    /// Nothing at all can be read.
    static let outOfReach = BufferError.storage(code: unreadable, operation: "read")
}
