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

    /// What SQLite reads there.
    func readEverything(_ name: String) throws -> Page {
        let offline = try OfflineBuffer(directory: "\(path)/\(name)")
        var page = Page(items: [], next: Cursor(epoch: offline.epoch, sequence: 0), more: false)
        try offline.items(in: OfflineBuffer.Selection()) { page.items.append($0) }
        return page
    }

    func damaged(_ name: String) -> DamagedDatabase? {
        let directory = BufferDirectory(path: "\(path)/\(name)")
        return DamagedDatabase(database: directory.database, log: directory.log)
    }
}

extension Page {
    /// Each batch's lines, with the batch line, by sequence.
    var lines: [Int64: [UInt8]] {
        Dictionary(uniqueKeysWithValues: batches.map { ($0.head.cursor.sequence, $0.lines) })
    }
}

extension Batch {
    fileprivate var lines: [UInt8] {
        var lines: [UInt8] = []
        appendNDJSON(to: &lines)
        return lines
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

    /// All batches that are sound and not lost, by sequence: their lines, and where they lie.
    func sound(
        _ scan: PageScan, _ epoch: Epoch
    ) -> (lines: [Int64: [UInt8]], places: [Int64: Set<FilePlace>]) {
        var lines: [Int64: [UInt8]] = [:]
        var places: [Int64: Set<FilePlace>] = [:]
        for find in scan.finds where lines[find.sequence] == nil && !scan.isLost(find.sequence) {
            guard let sound = batch(find, of: epoch) else { continue }
            lines[find.sequence] = sound.batch.lines
            places[find.sequence] = Set(sound.pages.map(place))
        }
        return (lines, places)
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
