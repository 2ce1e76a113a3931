// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Which pages of a file nobody needs any more, and which blocks of it can be given back.
struct PunchedPages {
    /// What file systems give back is a multiple of it.
    static let block = 4_096
    private let pageSize: Int
    /// By page number, which begins at 1.
    private var done: [Bool]

    /// Nobody needs what no record is in.
    init(_ format: PageFormat, pages: Int) {
        pageSize = format.pageSize
        done = (0...pages).map(format.isPointerMap)
    }

    /// Takes note of pages; the parts of the file that are whole blocks of such ones now.
    mutating func add(_ pages: [UInt32]) -> [Range<Int>] {
        for page in pages where Int(page) < done.count { done[Int(page)] = true }
        let blocks = Set(pages.map { (Int($0) - 1) * pageSize / Self.block })
        return blocks.sorted().compactMap { block in
            let range = block * Self.block..<max(block * Self.block + Self.block, pageSize)
            let first = range.lowerBound / pageSize + 1
            let last = (range.upperBound - 1) / pageSize + 1
            guard last < done.count, done[first...last].allSatisfy({ $0 }) else { return nil }
            return range
        }
    }
}
