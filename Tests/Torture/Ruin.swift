// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Where a database is overwritten, sector by sector, by what no page begins with.
enum Ruin: Sendable {
    /// Its first page, which holds nothing of what was sealed.
    case header
    /// The first page, and any others.
    case anywhere

    /// The size of a page of a database, and of a sector.
    private static let page = 512
    private static let rot = (0..<page).map { UInt8(truncatingIfNeeded: 0xA5 &+ $0 &* 37) }

    func strike(
        _ database: String, _ random: inout some RandomNumberGenerator
    ) throws(TortureError) {
        var pages = [1]
        if self == .anywhere {
            let count = try Self.bytes(of: database).count / Self.page
            pages += (0..<4).map { _ in Int.random(in: 1...max(1, count), using: &random) }
        }
        for page in pages { try Self.write(Self.rot, at: (page - 1) * Self.page, of: database) }
    }

    /// Overwrites a piece of a batch that is long enough to have pages of its own; false if there is
    /// none. The database must be closed.
    static func spoilBatch(
        in database: String, _ random: inout some RandomNumberGenerator
    ) throws(TortureError) -> Bool {
        let pages = overflowPages(of: try bytes(of: database)).filter { $0 > schemaPages }
        guard let page = pages.randomElement(using: &random) else { return false }
        // The page begins with the number of the next one.
        try write(Array(rot[4...]), at: (page - 1) * Self.page + 4, of: database)
        return true
    }

    /// Flips a bit of a page that holds a batch's payload and nothing else; returns which of the
    /// database's. The database must be closed.
    static func flipPayload(
        in database: String, _ random: inout some RandomNumberGenerator
    ) throws(TortureError) -> Int {
        let bytes = try bytes(of: database)
        // The last page of each has what follows the payload in its row, and what is on it no more.
        let pages = overflowPages(of: bytes).filter {
            $0 > schemaPages && bytes[($0 - 1) * page..<($0 - 1) * page + 4].contains { $0 != 0 }
        }
        guard let hit = pages.randomElement(using: &random) else { throw .usage("no payload") }
        let place = (hit - 1) * page + Int.random(in: 4..<page, using: &random)
        let bit = Int.random(in: 0..<8, using: &random)
        try write([bytes[place] ^ 1 << UInt8(bit)], at: place, of: database)
        return place * 8 + bit
    }

    /// The pages that hold the rest of what does not fit into a table, by the database's own map
    /// (sqlite.org/fileformat2.html, §1.8, "Pointer Map or Ptrmap Pages").
    private static func overflowPages(of bytes: [UInt8]) -> [Int] {
        let perMap = page / 5
        return stride(from: 2, through: bytes.count / page, by: perMap + 1).flatMap { map in
            (1...perMap).compactMap { index in
                let place = (map - 1) * page + (index - 1) * 5
                let isOverflow = bytes[place] == 3 || bytes[place] == 4
                return isOverflow && (map + index) * page <= bytes.count ? map + index : nil
            }
        }
    }

    /// More pages than the texts of the schema take, which are the first to have some.
    private static let schemaPages = 48

    private static func bytes(of path: String) throws(TortureError) -> [UInt8] {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { throw .disk(path, errno) }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: Int(lseek(file, 0, SEEK_END)))
        guard pread(file, &bytes, bytes.count, 0) == bytes.count else { throw .disk(path, errno) }
        return bytes
    }

    /// The disk has done it to itself: it lasts.
    private static func write(
        _ bytes: [UInt8], at place: Int, of path: String
    ) throws(TortureError) {
        let file = open(path, O_WRONLY | O_DSYNC)
        guard file >= 0 else { throw .disk(path, errno) }
        defer { close(file) }
        guard pwrite(file, bytes, bytes.count, off_t(place)) == bytes.count else {
            throw .disk(path, errno)
        }
    }
}
