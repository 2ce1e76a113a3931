// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// How rows lie in the pages of an SQLite database (sqlite.org/fileformat2.html, §1.5 and §1.6), for
/// whoever has to find them without its trees.
///
/// ```
/// leaf of a table   13 · … · cells (2 bytes at 3) · …  | from 8: 2 bytes a cell, where it is
///   its cell        size · rowid · the record's first bytes · first overflow page (4 bytes)
/// leaf of an index  10 · as above                      | a table WITHOUT ROWID is one
///   its cell        size · the record's first bytes · first overflow page
/// inner page of it   2 · as above                      | from 12
///   its cell        child (4 bytes) · as in a leaf
/// overflow page     next one (4 bytes, 0: none) · the record's next bytes
/// ```
struct PageFormat: Equatable {
    let pageSize: Int

    init(pageSize: Int) {
        self.pageSize = pageSize
    }

    /// Bytes that say what a file is.
    static let headerSize = 100

    /// What a database's first bytes say, if they are those of one, or its log's; else the size of
    /// ours.
    init(header: [UInt8], log: [UInt8] = []) {
        let header = PageBytes(header[...])
        let magic = "SQLite format 3\0".utf8
        var size = LogFrames.pageSize(header: log) ?? Store.pageSize
        if let name = header.slice(0, magic.count), name.elementsEqual(magic),
            let said = header.number(at: 16, size: 2), said & (said - 1) == 0
        {
            // 1 stands for 65,536, which does not fit.
            if said >= 512 || said == 1 { size = said == 1 ? 65_536 : said }
        }
        self.init(pageSize: size)
    }

    /// What a database that nobody has open says of its pages.
    init(of file: File?) {
        self.init(header: file?.bytes(at: 0, count: Self.headerSize) ?? [])
    }

    /// Whether a page says of others only where the pointers to them stand, as one of each hundred
    /// does in a database that can give pages back, such as ours (sqlite.org/fileformat2.html, §1.8).
    func isPointerMap(_ page: Int) -> Bool {
        page > 1 && (page - 2) % (pageSize / 5 + 1) == 0
    }

    /// A row as its page holds it.
    struct Cell: Equatable {
        /// 0 in an index, which has none.
        var rowid: Int64
        /// Bytes of its record.
        var size: Int
        /// Those of them that are in the page.
        var place: Int
        var local: Int
        /// Where the rest of them begins; 0 if there is none.
        var overflow: UInt32
    }

    /// The most bytes that a row of ours has: a frame of incompressible content, and its numbers.
    static let maxRecord = BatchCodec.maxContent + BatchCodec.maxContent >> 7

    /// The row whose cell is the `index`-th of `page`; `nil` if there is no such, or it cannot be.
    func cell(_ index: Int, of page: PageBytes) -> Cell? {
        guard let kind = page.byte(at: 0), let count = page.number(at: 3, size: 2),
            index < count
        else { return nil }
        let isInner = kind == Self.indexInner
        guard let start = page.number(at: (isInner ? 12 : 8) + 2 * index, size: 2) else {
            return nil
        }
        var place = start + (isInner ? 4 : 0)
        guard let said = page.varint(at: &place), let size = Int(exactly: said),
            (1...Self.maxRecord).contains(size)
        else { return nil }
        var rowid: Int64 = 0
        if kind == Self.tableLeaf {
            guard let said = page.varint(at: &place), said > 0 else { return nil }
            rowid = said
        }
        let local = local(of: size, isTable: kind == Self.tableLeaf)
        var overflow = 0
        if local < size {
            guard let first = page.number(at: place + local, size: 4), first > 1 else {
                return nil
            }
            overflow = first
        }
        guard page.slice(place, local) != nil else { return nil }
        return Cell(
            rowid: rowid, size: size, place: place, local: local, overflow: UInt32(overflow))
    }

    /// The rows of a page of this kind that are whole in it; of any other none.
    func rows(
        of kind: UInt8, on page: PageBytes
    ) -> [(rowid: Int64, record: StoredRecord)] {
        guard page.byte(at: 0) == kind else { return [] }
        let count = min(page.number(at: 3, size: 2) ?? 0, page.count / 2)
        return (0..<count).compactMap { index in
            guard let cell = cell(index, of: page), cell.local == cell.size,
                let record = page.slice(cell.place, cell.local).flatMap({ StoredRecord($0) })
            else { return nil }
            return (cell.rowid, record)
        }
    }

    /// How many bytes of a record of `size` are in its page.
    private func local(of size: Int, isTable: Bool) -> Int {
        let most = isTable ? pageSize - 35 : (pageSize - 12) * 64 / 255 - 23
        guard size > most else { return size }
        let least = (pageSize - 12) * 32 / 255 - 23
        let even = least + (size - least) % (pageSize - 4)
        return even <= most ? even : least
    }

    static let tableLeaf: UInt8 = 13
    static let indexLeaf: UInt8 = 10
    static let indexInner: UInt8 = 2
}
