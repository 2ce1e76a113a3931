// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// The high-water mark: what the database had reached, kept outside of it.
///
/// One flipped bit in SQLite's log removes every later commit without a word, and a database can be
/// deleted, restored or exchanged; the mark tells. It is written after every commit that moves the
/// newest sequence and before that is promised to anybody, so that it is never ahead of the
/// database on a disk that keeps its word, and behind it by one commit at most, unless it cannot
/// be written (`BufferEvent.markNotWritten`).
///
/// ```
/// slot   "MLPDMARK" · version · readers · turn · epoch · newest · produced · kept
///        · owed · sealed · sha256 of all before it                    | 4 bytes: version, readers
///        · oldest · first · sha256 of all before it                   | 8 bytes: all else
///        · zeros up to 512 bytes
/// ```
///
/// Two slots are written in turn, so that a torn write leaves the other one; of two that check the
/// greater turn counts. A write of 512 aligned bytes is one sector's. Whatever a later version
/// says, the first line and its digest stay where they are: that tells it from one that has rotted.
/// The first marks had no more than that line; of them nobody knows `oldest` and `first`.
struct Mark: Equatable, Sendable {
    /// Whose sequences they are.
    var epoch: Epoch
    /// The newest sequence.
    var newest: Int64
    /// What had come into the stream and what was kept of it (`Tally`).
    var tally: Tally
    /// Records of epochs before this one that are neither salvaged nor told of as lost yet.
    var owed: Int64
    /// When the newest batch was sealed.
    var sealed: Timestamp
    /// The oldest sequence that was kept, and the earliest time in it; 0 where nobody knows.
    var oldest: Int64 = 0
    var first = Timestamp(milliseconds: 0)
    /// A digest of the consumers' names (`ConsumerRow`).
    var readers: UInt32

    /// Records that go when the database does.
    var atStake: Int64 { tally.kept + owed }
}

/// Records of an epoch, counted in the database by whoever adds or removes batches
/// (`Schema.tally`).
struct Tally: Equatable, Sendable {
    /// All that ever came: sealed, or told of as lost in its stead.
    var produced: Int64 = 0
    /// Those in the batches that are there.
    var kept: Int64 = 0
}

extension Mark {
    static let slotSize = 512
    private static let magic = Array("MLPDMARK".utf8)
    private static let version = 1
    /// Bytes that the digest covers.
    static let payload = 72
    /// What the second digest covers.
    private static let all = payload + Digest.length + 16

    /// A slot that says so; `turn` grows with each.
    func slot(turn: UInt64) -> [UInt8] {
        var bytes = Self.magic
        func append(_ number: UInt64, _ size: Int) {
            for shift in (0..<size).reversed() {
                bytes.append(UInt8(truncatingIfNeeded: number >> (8 * shift)))
            }
        }
        append(UInt64(Self.version), 4)
        append(UInt64(readers), 4)
        append(turn, 8)
        bytes += epoch.text.utf8
        for numbers in [
            [newest, tally.produced, tally.kept, owed, sealed.milliseconds],
            [oldest, first.milliseconds],
        ] {
            for number in numbers { append(UInt64(bitPattern: number), 8) }
            bytes += bytes.withUnsafeBytes { Digest.sha256($0) }
        }
        return bytes + [UInt8](repeating: 0, count: Self.slotSize - bytes.count)
    }

    /// The version of a slot that checks, if only a newer program knows it.
    static func newerVersion(of slot: ArraySlice<UInt8>) -> Int? {
        checked(slot)?.number(at: 8, size: 4).flatMap { $0 > version ? $0 : nil }
    }

    /// What a digest covers, if it does: the first `count` bytes.
    private static func checked(_ slot: ArraySlice<UInt8>, _ count: Int = payload) -> PageBytes? {
        let bytes = PageBytes(slot)
        guard let payload = bytes.slice(0, count), payload.starts(with: magic),
            let digest = bytes.slice(count, Digest.length),
            payload.withUnsafeBytes({ Digest.sha256($0) }) == Array(digest)
        else { return nil }
        return PageBytes(payload)
    }

    /// What a slot says; `nil` unless it checks.
    init?(slot: ArraySlice<UInt8>) {
        guard let bytes = Self.checked(slot), bytes.number(at: 8, size: 4) == Self.version else {
            return nil
        }
        func number(at place: Int) -> Int64 { bytes.signed(at: place) }
        guard let name = bytes.slice(24, 8),
            let epoch = Epoch(String(decoding: name, as: UTF8.self))
        else { return nil }
        self.init(
            epoch: epoch, newest: number(at: 32),
            tally: Tally(produced: number(at: 40), kept: number(at: 48)), owed: number(at: 56),
            sealed: Timestamp(milliseconds: number(at: 64)),
            readers: UInt32(bytes.number(at: 12, size: 4) ?? 0))
        guard Self.checked(slot, Self.all) != nil else { return }
        oldest = PageBytes(slot).signed(at: Self.all - 16)
        first = Timestamp(milliseconds: PageBytes(slot).signed(at: Self.all - 8))
    }

    /// The turn of a slot that checks.
    static func turn(of slot: ArraySlice<UInt8>) -> UInt64 {
        let bytes = PageBytes(slot)
        return UInt64(bytes.number(at: 16, size: 4) ?? 0) << 32
            | UInt64(bytes.number(at: 20, size: 4) ?? 0)
    }
}

extension PageBytes {
    /// A number of 8 bytes; 0 where there are none.
    fileprivate func signed(at place: Int) -> Int64 {
        Int64(number(at: place, size: 4) ?? 0) << 32 | Int64(number(at: place + 4, size: 4) ?? 0)
    }
}
