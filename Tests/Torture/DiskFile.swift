// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What one file holds in memory, and what a power cut may leave of it.
///
/// A disk writes sectors of 512 bytes whole, in any order, whenever it likes: until a sync has
/// returned, each sector holds what it held at the last sync, or what it held after any write
/// since. A size that has grown may be there without the bytes: zeros. So a write is kept as the
/// whole sectors that it made of the file, and a power cut chooses among them.
final class DiskFile {
    /// What the program reads.
    private(set) var present: [UInt8]
    /// What was there at the last sync.
    private(set) var durable: [UInt8]
    /// What has happened since, in order.
    private(set) var pending: [Change] = []

    enum Change {
        /// Whole sectors, but for the end of the file.
        case sectors(at: Int, [UInt8])
        /// It was cut to this size.
        case size(Int)
        /// It had this size at least: what grew a file never cuts it, also where the cut before it
        /// is not on disk.
        case growth(Int)
    }

    static let sector = 512

    init(_ bytes: [UInt8] = []) {
        present = bytes
        durable = bytes
    }

    func write(_ bytes: [UInt8], at offset: Int) {
        Self.grow(&present, to: offset + bytes.count)
        present.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        pending.append(sectors(around: offset..<offset + bytes.count))
    }

    func resize(to size: Int) {
        pending.append(size > present.count ? .growth(size) : .size(size))
        Self.resize(&present, to: size)
    }

    func allocate(_ range: Range<Int>) {
        if range.upperBound > present.count { resize(to: range.upperBound) }
    }

    func punch(_ range: Range<Int>) {
        let range = range.clamped(to: 0..<present.count)
        write([UInt8](repeating: 0, count: range.count), at: range.lowerBound)
    }

    /// All that happened is on disk.
    func sync() {
        for change in pending { Self.apply(change, to: &durable) }
        pending = []
    }

    /// What happened since the last sync will never be on disk; the program goes on reading it.
    func loseWhatIsPending() { pending = [] }

    /// What was written in `range` is on disk, whatever becomes of older writes there.
    func syncRange(_ range: Range<Int>) {
        let written = sectors(around: range)
        Self.apply(written, to: &durable)
        guard case .sectors(let start, let bytes) = written else { return }
        for index in pending.indices {
            guard case .sectors(let other, var older) = pending[index] else { continue }
            let shared = (other..<other + older.count).clamped(to: start..<start + bytes.count)
            guard !shared.isEmpty else { continue }
            older.replaceSubrange(
                shared.lowerBound - other..<shared.upperBound - other,
                with: bytes[shared.lowerBound - start..<shared.upperBound - start])
            pending[index] = .sectors(at: other, older)
        }
    }

    private func sectors(around range: Range<Int>) -> Change {
        let start = range.lowerBound / Self.sector * Self.sector
        let end = (range.upperBound + Self.sector - 1) / Self.sector * Self.sector
        return .sectors(at: start, Array(present[start..<min(end, present.count)]))
    }
}

// MARK: What a power cut leaves

extension DiskFile {
    /// What the file holds after a power cut that left so much of what was pending.
    func remains(_ choice: inout Choice) -> [UInt8] {
        var bytes = durable
        for change in pending {
            switch choice.next(sectors: change.sectorCount) {
            case .nothing: break
            case .size:
                if case .sectors(let start, let content) = change {
                    Self.grow(&bytes, to: start + content.count)
                }
            case .all: Self.apply(change, to: &bytes)
            case .some(let kept): Self.apply(change, to: &bytes, sectors: kept)
            }
        }
        return bytes
    }

    private static func apply(_ change: Change, to bytes: inout [UInt8], sectors: [Bool]? = nil) {
        switch change {
        case .size(let size): resize(&bytes, to: size)
        case .growth(let size): grow(&bytes, to: size)
        case .sectors(let start, let content):
            grow(&bytes, to: start + content.count)
            guard let sectors else {
                bytes.replaceSubrange(start..<start + content.count, with: content)
                return
            }
            for (index, isKept) in sectors.enumerated() where isKept {
                let range = index * sector..<min((index + 1) * sector, content.count)
                bytes.replaceSubrange(
                    start + range.lowerBound..<start + range.upperBound, with: content[range])
            }
        }
    }

    private static func grow(_ bytes: inout [UInt8], to size: Int) {
        if size > bytes.count { resize(&bytes, to: size) }
    }

    private static func resize(_ bytes: inout [UInt8], to size: Int) {
        if size < bytes.count {
            bytes.removeLast(bytes.count - size)
        } else {
            bytes.append(contentsOf: repeatElement(0, count: size - bytes.count))
        }
    }
}

extension DiskFile.Change {
    fileprivate var sectorCount: Int {
        switch self {
        case .size, .growth: 0
        case .sectors(_, let bytes): (bytes.count + DiskFile.sector - 1) / DiskFile.sector
        }
    }
}
