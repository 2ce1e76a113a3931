// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

extension BufferError {
    /// What a database held that is gone or cannot be believed any more, as its mark says.
    package struct Stake: Hashable, Sendable {
        /// Its newest batch.
        package let newest: Cursor
        /// Records that were kept in it, or owed.
        package let records: Int64

        init(_ mark: Mark) {
            newest = Cursor(epoch: mark.epoch, sequence: mark.newest)
            records = mark.atStake
        }
    }
}

extension BufferDirectory {
    /// Throws unless a database of ours is there to be read; where there was one, with what it held.
    /// It is what `Opening` would replace, told to whoever only looks.
    func checkReadable(_ file: MarkFile) throws(BufferError) {
        let stake = file.mark.map(BufferError.Stake.init)
        switch try content() {
        case .absent where stake != nil || Self.size(of: log) > 0:
            throw .unusable(path: database, reason: .gone(stake))
        case .absent: throw .unusable(path: database, reason: .errno(ENOENT))
        case .unreadable(.foreign) where file.isThere:
            throw .unusable(path: database, reason: .damaged(stake))
        case .ours, .foreign, .unreadable, .newer: _ = try check()
        }
    }

    /// What `error` says of a database that was just opened: a damaged one, unless nothing at all can
    /// be read.
    func meaning(of error: BufferError, _ file: MarkFile) -> BufferError {
        guard error.isUnreadable, !isOutOfReach else { return error }
        return .unusable(
            path: database, reason: .damaged(file.mark.map(BufferError.Stake.init)))
    }
}
