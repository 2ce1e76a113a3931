// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// The frames of a write-ahead log (sqlite.org/fileformat2.html, §4), whether they check or not.
///
/// ```
/// header  magic · version · page size · number · 2 salts · 2 checksums     8 × 4 bytes
/// frame   page number · pages after a commit, else 0 · the salts · 2 checksums · the page
/// ```
///
/// A checksum goes on from the one before it, so that after one bad frame SQLite believes none. But
/// each frame says its own, and what follows can be judged by it.
struct LogFrames: Equatable {
    struct Frame: Equatable {
        var page: UInt32
        /// Where its page begins in the log.
        var offset: Int
        var isCommit: Bool
        /// Whether it checks, taken what the frame before it says.
        var checks: Bool
    }

    /// Of the log's present salts, up to the last commit among them.
    private(set) var frames: [Frame] = []
    /// How many of them SQLite would believe: all that check from the first one on, up to a commit.
    private(set) var believed = 0
    /// Whether they follow one another from the beginning of the log.
    var isGapless: Bool { frames.indices.allSatisfy { frames[$0].offset == offset(of: $0) } }
    private let pageSize: Int

    /// A reader that stands still can make a log larger than usual, but hardly so large.
    static let maxBytes = 64 << 20

    /// Finds few or none in what is no log of pages of this size.
    init(_ log: [UInt8], pageSize: Int) {
        self.pageSize = pageSize
        let bytes = PageBytes(log[...])
        guard let magic = bytes.number(at: 0, size: 4), let head = bytes.slice(0, 24) else {
            return
        }
        let isBig = magic == Self.bigEndian
        var sum = Checksum()
        sum.add(head, isBig)
        var isWhole =
            sum == Checksum(bytes, at: 24) && magic | 1 == Self.bigEndian
            && bytes.number(at: 8, size: 4) == pageSize
        // A log begins anew at its beginning: its first frame is of the present salts, too.
        guard let salts = bytes.slice(isWhole ? 16 : Self.header + 8, 8) else { return }
        var offset = Self.header
        var wasSound = true
        while let page = bytes.slice(offset + Self.frame, pageSize) {
            defer { offset += Self.frame + pageSize }
            let said = Checksum(bytes, at: offset + 16)
            if let start = bytes.slice(offset, 8) {
                sum.add(start, isBig)
                sum.add(page, isBig)
            }
            let checks = sum == said
            sum = said
            // No sum covers the salts: what goes on with the sums of a sound frame of this turn is
            // of it. What is left of the turn before goes on with its own, also behind a frame that
            // was torn between its salts and its sums.
            let hasSalts = bytes.slice(offset + 8, 8) == salts
            let isOfTurn = hasSalts || checks && wasSound
            wasSound = hasSalts && checks
            isWhole = isWhole && hasSalts
            guard isOfTurn,
                let number = bytes.number(at: offset, size: 4), number > 0,
                let size = bytes.number(at: offset + 4, size: 4)
            else {
                isWhole = false
                continue
            }
            isWhole = isWhole && checks
            frames.append(
                Frame(
                    page: UInt32(number), offset: offset + Self.frame, isCommit: size > 0,
                    checks: checks))
            if isWhole, size > 0 { believed = frames.count }
        }
        let last = frames.lastIndex { $0.isCommit } ?? -1
        frames.removeSubrange((last + 1)...)
    }

    /// What the first bytes of a log say of its pages; `nil` if they are those of none.
    static func pageSize(header: [UInt8]) -> Int? {
        let header = PageBytes(header[...])
        guard let magic = header.number(at: 0, size: 4), magic | 1 == bigEndian,
            let size = header.number(at: 8, size: 4), (512...65_536).contains(size),
            size & (size - 1) == 0
        else { return nil }
        return size
    }

    /// Where the page of the `index`-th frame of a log begins.
    private func offset(of index: Int) -> Int {
        Self.header + Self.frame + index * (Self.frame + pageSize)
    }

    /// Whether `page` is what the frame with its page at `place` holds, or held before it rotted: its
    /// checksum says.
    func isFrame(at place: Int, of log: [UInt8], _ page: [UInt8]) -> Bool {
        let bytes = PageBytes(log[...])
        if bytes.slice(place, pageSize) == page[...] { return true }
        guard let magic = bytes.number(at: 0, size: 4), page.count == pageSize,
            let start = bytes.slice(place - Self.frame, 8)
        else { return false }
        let isFirst = place == offset(of: 0)
        var sum = Checksum(bytes, at: isFirst ? 24 : place - pageSize - Self.frame - 8)
        for part in [start, page[...]] { sum.add(part, magic == Self.bigEndian) }
        return sum == Checksum(bytes, at: place - 8)
    }

    /// The magic number of a log whose sums are of big-endian words; one less says little-endian.
    private static let bigEndian = 0x377F_0683
    private static let header = 32
    private static let frame = 24

    /// The sums of a log, over words of 4 bytes.
    private struct Checksum: Equatable {
        var first: UInt32 = 0
        var second: UInt32 = 0

        init() {}

        init(_ bytes: PageBytes, at place: Int) {
            first = UInt32(bytes.number(at: place, size: 4) ?? 0)
            second = UInt32(bytes.number(at: place + 4, size: 4) ?? 0)
        }

        /// A multiple of 8 bytes; `isBig` says how the machine that wrote them orders words.
        mutating func add(_ bytes: ArraySlice<UInt8>, _ isBig: Bool) {
            bytes.withUnsafeBytes { raw in
                for place in stride(from: 0, to: raw.count & ~7, by: 8) {
                    first &+= Self.word(raw, place, isBig) &+ second
                    second &+= Self.word(raw, place + 4, isBig) &+ first
                }
            }
        }

        private static func word(_ raw: UnsafeRawBufferPointer, _ place: Int, _ isBig: Bool)
            -> UInt32
        {
            let word = raw.loadUnaligned(fromByteOffset: place, as: UInt32.self)
            return isBig ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
        }
    }
}
