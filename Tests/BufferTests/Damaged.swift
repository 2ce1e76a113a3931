// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

// What tests of damage share: copies of a buffer's files, and what is found in their pages.

extension Scratch {
    /// Copies the database and its log, as a crash would leave them now.
    func copyBuffer(to name: String) throws {
        _ = try shell(
            """
            mkdir '\(path)/\(name)' && cp '\(path)/buffer/millpond.db' \
            '\(path)/buffer/millpond.db-wal' '\(path)/\(name)'
            """)
    }

    /// What SQLite reads there: each batch's bytes, and what is lost.
    func truth(_ name: String) throws -> (batches: [Int64: [UInt8]], lost: [LostRow]) {
        let stream = try OfflineBuffer(directory: "\(path)/\(name)").reader.stream
        var batches: [Int64: [UInt8]] = [:]
        try stream.batches(after: 0, limit: .max) { (row) throws(BufferError) in
            batches[row.sequence] = try stream.payload(row.sequence)
            return true
        }
        var lost: [LostRow] = []
        try stream.losses(after: 0) { (row) throws(BufferError) in
            lost.append(row)
            return true
        }
        return (batches, lost)
    }

    func damaged(_ name: String) -> DamagedDatabase? {
        let directory = BufferDirectory(path: "\(path)/\(name)")
        return DamagedDatabase(database: directory.database, log: directory.log)
    }
}

extension DamagedDatabase {
    /// A scan of everything.
    func scanned(after start: Int64, room: Int = PageScan.usualRoom) -> PageScan {
        var scan = PageScan(after: start, room: room)
        lookAtLog(into: &scan)
        var page: Int? = 1
        while let next = page { page = look(from: next, into: &scan) }
        scan.finish()
        return scan
    }

    /// All batches that are sound and not lost, by sequence: their bytes, and where they lie.
    func sound(
        _ scan: PageScan, _ epoch: Epoch
    ) -> (batches: [Int64: [UInt8]], places: [Int64: Set<FilePlace>]) {
        var batches: [Int64: [UInt8]] = [:]
        var places: [Int64: Set<FilePlace>] = [:]
        for find in scan.finds where batches[find.sequence] == nil {
            guard !scan.isLost(find.sequence), let sound = batch(find, of: epoch) else { continue }
            batches[find.sequence] = sound.payload
            places[find.sequence] = Set((sound.pages + [leaf(of: find)]).map(place))
        }
        return (batches, places)
    }

    private func leaf(of find: PageScan.Find) -> UInt32 {
        find.isInLog ? frames.frames[Int(find.page)].page : find.page
    }

    private func place(of page: UInt32) -> FilePlace {
        guard let offset = views[0][page] else {
            return FilePlace(isLog: false, number: Int(page))
        }
        return FilePlace(isLog: true, number: FilePlace.pieces(isLog: true)(offset))
    }
}

/// A page of the file, or a frame of the log.
struct FilePlace: Hashable {
    let isLog: Bool
    let number: Int

    /// Which page or frame an offset is in.
    static func pieces(isLog: Bool) -> (Int) -> Int {
        isLog
            ? { offset in (offset - 32) / (Store.pageSize + 24) }
            : { offset in offset / Store.pageSize + 1 }
    }
}

/// Flips one bit of a file.
func flip(_ bit: Int, of file: Int32) throws {
    var byte: UInt8 = 0
    try #require(pread(file, &byte, 1, off_t(bit / 8)) == 1)
    byte ^= 1 << UInt8(bit % 8)
    try #require(pwrite(file, &byte, 1, off_t(bit / 8)) == 1)
}
